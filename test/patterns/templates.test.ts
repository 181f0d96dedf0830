import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { SAMPLES } from '../../bin/patterns';
import { serviceSidePermissions } from '../../local/access';
import { nagFindings } from '../support/nag';

/** Users' feature flags are theirs: everything has to hold with all of them and with none. */
const CONTEXTS: [string, Record<string, unknown>][] = [
  ['no feature flags', {}],
  ['the recommended feature flags', recommendedFlags],
];

function appWithSamples(context: Record<string, unknown>): App {
  const app = new App({ context });
  for (const sample of SAMPLES) sample.addStacks(app);
  return app;
}

function stacksOf(app: App): Stack[] {
  return app.node.children.filter((child) => Stack.isStack(child));
}

describe.each(CONTEXTS)('with %s', (_, context) => {
  const stacks = stacksOf(appWithSamples(context)).map((stack) => [stack.stackName, stack] as const);

  test.each(stacks)('%s: nothing that cdk-nag finds is left unacknowledged', (_name, stack) => {
    expect(nagFindings(stack)).toEqual([]);
  });

  // Of a stack that is pinned to a region the CDK itself writes the partition.
  test.each(stacks.filter(([, { region }]) => Token.isUnresolved(region)))('%s: no ARN is fixed to one partition', (_name, stack) => {
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/arn:aws:/);
  });

  test.each(stacks)('%s: roles have what AWS itself does on their behalf, and `*` stands for nothing else', (_name, stack) => {
    const template = Template.fromStack(stack);
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(2);
    for (const [roleId, { Properties }] of roles) {
      const service = Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service;
      const statements = Object.values(template.findResources('AWS::IAM::Policy'))
        .filter((policy) => policy.Properties.Roles.some((role: { Ref: string }) => role.Ref === roleId))
        .flatMap((policy) => policy.Properties.PolicyDocument.Statement);
      // What names no resource, such as a metric, is held by a condition.
      const anywhere = statements.filter(({ Resource, Condition }) => Resource === '*' && !Condition).flatMap(({ Action }) => Action);
      const needed = serviceSidePermissions.filter((permission) => permission.service === service);
      // Lambda traces with two of the four actions; AWS's own managed policy for it has four.
      const known = needed.filter(({ resource }) => resource === '*').flatMap(({ actions }) => actions);
      for (const action of anywhere) expect(known).toContain(action);
      // The CDK's own function, which sets the notifications of buckets, has AWS's managed policy for its logs, and isn't traced.
      if (roleId.startsWith('BucketNotificationsHandler')) continue;
      if (service === 'states.amazonaws.com') expect(anywhere.toSorted()).toEqual(known.toSorted());
      else
        expect(anywhere.toSorted()).toEqual(
          service === 'lambda.amazonaws.com' ? ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'] : [],
        );
      const logGroup = needed.find(({ resource }) => resource === 'log-group');
      if (logGroup) expect(statements.map(({ Action }) => Action)).toContainEqual(logGroup.actions);
    }
  });

  test.each(stacks)('%s: no wait without a limit', (_name, stack) => {
    for (const { Properties } of Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'))) {
      const definition = JSON.parse(
        Properties.DefinitionString['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : '')).join(''),
      );
      expect(definition.TimeoutSeconds).toBeGreaterThan(0);
      for (const task of tasksOf(definition)) expect(task).toMatchObject({ TimeoutSeconds: expect.any(Number) });
    }
  });
});

test("CDK's own CloudFormation validation finds nothing, its findings taken as errors", () => {
  const outdir = mkdtempSync(join(tmpdir(), 'stepworks-validation-'));
  try {
    const context = { ...recommendedFlags, '@aws-cdk/core:validateAgainstDefaultRules': true };
    // In a process of its own: the validator keeps the process that it runs in from ending.
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
      env: { ...process.env, CDK_VALIDATION: 'true', CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});

interface StateJson {
  readonly Type?: string;
  readonly States?: Record<string, StateJson>;
  readonly Branches?: readonly StateJson[];
  readonly ItemProcessor?: StateJson;
}

function tasksOf(definition: StateJson): StateJson[] {
  return Object.values(definition.States ?? {}).flatMap((state) => [
    ...(state.Type === 'Task' ? [state] : []),
    ...(state.Branches ?? []).flatMap(tasksOf),
    ...(state.ItemProcessor ? tasksOf(state.ItemProcessor) : []),
  ]);
}
