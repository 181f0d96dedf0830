import { isKnownIntegration } from '../integrations';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { parseResource } from '../resource';
import type { Findings } from './diagnostic';
import type { Surrounding } from './surrounding';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html and integrate-optimized.html */
export function validateResource(state: JsonObject, resource: string, { at, findings, language, type }: Surrounding): void {
  const parsed = parseResource(resource);
  const where = `${at}/Resource`;
  if (!resource.startsWith('arn:')) {
    findings.error(where, 'Value is not a valid resource ARN');
    return;
  }
  if (!parsed || (parsed.kind === 'service' && !isKnownIntegration(parsed.resourceType, parsed.resource))) {
    findings.error(
      where,
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  } else if (type === 'EXPRESS') {
    // AWS's own text has two spaces in the first.
    if (parsed.kind === 'activity') findings.error(where, 'Express state machine does not support Activity ARN');
    else if (parsed.kind === 'service' && parsed.pattern === 'waitForTaskToken') {
      findings.error(where, "Express state machine does not support '.waitForTaskToken' service integration ");
    } else if (parsed.kind === 'service' && parsed.pattern === 'sync') {
      findings.error(where, "Express state machine does not support '.sync' service integration");
    }
  }
  if (parsed?.kind === 'service') {
    const field = language === 'JSONata' ? 'Arguments' : 'Parameters';
    const call = `${parsed.resourceType}:${parsed.resource.split('.')[0]}`;
    if (!Object.hasOwn(state, field)) findings.error(at, `${field} field is required for resource ARN: ${resource}`);
    else requireArguments(state[field], REQUIRED[call] ?? [], `${at}/${field}`, findings);
    if (call === 'lambda:invoke') checkPayload(state[field], `${at}/${field}`, findings);
  }
  if (isObject(state.Credentials)) {
    requireArguments(state.Credentials, ['RoleArn'], `${at}/Credentials`, findings);
    if (parsed?.kind === 'activity') findings.error(at, "The field 'Credentials' is not supported for activities");
  }
}

/** What the calls need, as measured by others: https://github.com/badmintoncryer/cdk-preflight. Those of other calls are not known here. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'lambda:invoke': ['FunctionName'],
  'sqs:sendMessage': ['QueueUrl', 'MessageBody'],
  'sns:publish': ['Message'],
  'dynamodb:putItem': ['TableName', 'Item'],
  'dynamodb:getItem': ['TableName', 'Key'],
  'states:startExecution': ['StateMachineArn'],
  'events:putEvents': ['Entries'],
  'ecs:runTask': ['TaskDefinition'],
  'glue:startJobRun': ['JobName'],
};

/**
 * A number or a boolean that stands there is refused, as measured by others, who don't tell in which words:
 * https://github.com/iwamot/sfnx/blob/main/docs/design.md#tasks
 */
function checkPayload(given: Json | undefined, at: string, findings: Findings): void {
  if (given === undefined || !isObject(given)) return;
  const { Payload } = given;
  if (typeof Payload !== 'number' && typeof Payload !== 'boolean') return;
  findings.error(`${at}/Payload`, `Expected a text, an object, an array or null, got ${Payload}`);
}

function requireArguments(given: Json, names: readonly string[], at: string, findings: Findings): void {
  if (!isObject(given)) return;
  for (const name of names) {
    if (!Object.hasOwn(given, name) && !Object.hasOwn(given, `${name}.$`)) {
      findings.error(at, `The field '${name}' is required but was missing`);
    }
  }
}
