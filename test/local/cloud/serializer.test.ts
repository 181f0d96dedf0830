import { Template } from 'aws-cdk-lib/assertions';
import { workflowSerializer } from '../../../local/jest';
import { shop } from './shop';

expect.addSnapshotSerializer(workflowSerializer);
const template = Template.fromStack(shop()).toJSON();

test('a template with a workflow is printed readably', () => {
  expect(template).toMatchSnapshot();
});

test('other values are left to other serializers', () => {
  const { Resources } = template;
  const others = Object.fromEntries(
    Object.entries<{ Type: string }>(Resources).filter(([, { Type }]) => Type !== 'AWS::StepFunctions::StateMachine'),
  );
  expect([{ Resources: others }, { Resources: null }, {}, undefined, null, 'x'].map(workflowSerializer.test)).toEqual(Array(6).fill(false));
  expect(workflowSerializer.test(template)).toBe(true);
});

test('a change of a permission or of the definition shows; a change of code does not', () => {
  const changed = (from: RegExp, to: string) => {
    const text = JSON.stringify(template);
    expect(text).toMatch(from);
    return workflowSerializer.serialize(JSON.parse(text.replace(from, to)));
  };
  const printed = workflowSerializer.serialize(template);
  expect(changed(/[0-9a-f]{64}\.zip/, `${'0'.repeat(64)}.zip`)).toBe(printed);
  expect(changed(/dynamodb:PutItem/, 'dynamodb:*')).not.toBe(printed);
  expect(changed(/is on its way/, 'is lost')).not.toBe(printed);
  expect(changed(/"Effect":"Allow"/, '"Effect":"Deny"')).not.toBe(printed);
});

test('texts that look like other values, and several lines', () => {
  const definition = {
    Comment: 'a\nb',
    TimeoutSeconds: 5,
    States: { A: { Type: 'Pass', Output: ['5', 5, '', null, [], {}, [1, { b: true }]] } },
  };
  const machine = {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: { Definition: definition, RoleArn: { 'Fn::ImportValue': 'the-role' } },
  };
  expect({ Resources: { Machine: machine } }).toMatchInlineSnapshot(`
state machine Machine (STANDARD), role \${Fn::ImportValue "the-role"}
  Comment: |
    a
    b
  TimeoutSeconds: 5
  States:
    A:
      Type: Pass
      Output:
        - "5"
        - 5
        - ""
        - null
        - []
        - {}
        - - 1
          - b: true
`);
});
