import { createAccess } from '../../../local/access';
import { VirtualClock } from '../../../local/clock';
import { createEngine, type Machine } from '../../../local/engine';
import { toStatesError } from '../../../local/integrations/errors';
import { seededRandom } from '../../../local/seeded-random';
import { authorizeChildExecutions } from '../../../local/services/stepfunctions';

const [accountId, region, partition] = ['123456789012', 'eu-west-1', 'aws'];
const ROLE = `arn:aws:iam::${accountId}:role/Machine`;
const MACHINE = `arn:aws:states:${region}:${accountId}:stateMachine:Orders`;

const processor = (type: string) => ({
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
  StartAt: 'Item',
  States: { Item: { Type: 'Pass', End: true } },
});

async function run(action: string, resource: string) {
  const clock = new VirtualClock();
  const access = createAccess({ accountId, region, partition });
  access.putRole({ arn: ROLE, path: 'App/Role', trust: { Statement: [] }, managedPolicyArns: [] });
  access.putRolePolicy(ROLE, 'Policy', { Statement: { Effect: 'Allow', Action: action, Resource: resource } }, 'App/Role/Policy');
  const engine = createEngine({
    clock,
    accountId,
    region,
    partition,
    random: seededRandom(1),
    tasks: { start: async () => ({ output: null }) },
    authorize: authorizeChildExecutions(access, (error) => toStatesError('sfn', 'java1', error, 'request')),
  });
  const definition = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: processor('STANDARD'), End: true } } };
  const machine: Machine = { arn: MACHINE, name: 'Orders', type: 'STANDARD', roleArn: ROLE, definition };
  const execution = engine.startExecution(machine, { input: '[1,2]' });
  await clock.runUntil(() => execution.status !== 'RUNNING', 'the execution');
  return { access, execution };
}

// https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
describe('a Distributed Map starts its children in the name of the role', () => {
  test('which uses its permission', async () => {
    const { access, execution } = await run('states:StartExecution', MACHINE);
    expect(execution.output).toEqual([1, 2]);
    expect(access.used()).toMatchObject([{ role: 'App/Role', action: 'states:StartExecution', resource: MACHINE }]);
    expect(access.unused()).toEqual([]);
  });

  test('and fails without it', async () => {
    const { access, execution } = await run('states:StartExecution', `${MACHINE}Else`);
    expect(execution.error).toBe('StepFunctions.AWSStepFunctionsException');
    expect(execution.cause).toMatch(
      /^User: arn:aws:sts::123456789012:assumed-role\/Machine\/\S+ is not authorized to perform: states:StartExecution on resource: arn:aws:states:eu-west-1:123456789012:stateMachine:Orders because .* \(Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException; Request ID: request; Proxy: null\)$/,
    );
    expect(access.denied).toMatchObject([{ role: 'App/Role', action: 'states:StartExecution', resource: MACHINE }]);
  });
});
