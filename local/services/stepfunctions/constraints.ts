/**
 * What the API declares of its members: lengths, ranges, patterns, values, and which are required. A call that breaks any is refused
 * before anything else is looked at, and every problem is named.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html, each operation's parameters
 */
import { Quota } from '../../../lib/asl/quotas';
import { ApiError } from '../../cloud-types';
import { memberOf, membersOf, models, type Ref, shapeOf } from '../../wire/model';

interface Constraint {
  /** Characters of a text, elements of a list, or a number's value. */
  readonly min?: number;
  readonly max?: number;
  /** Of the whole text, as the API writes it. */
  readonly pattern?: string;
  readonly values?: readonly string[];
  /** Lengths are those of the text as UTF-8. */
  readonly inBytes?: true;
  /** Marked as sensitive: the refusal doesn't repeat the value. */
  readonly sensitive?: true;
  /** Of each element of a list. */
  readonly each?: Constraint;
}

const ARN: Constraint = { min: 1, max: 256 };
const LONG_ARN: Constraint = { min: 1, max: 2000 };
const NAME: Constraint = { min: 1, max: Quota.NAME_CHARACTERS };
const DATA: Constraint = { max: Quota.PAYLOAD_BYTES, inBytes: true, sensitive: true };
const NOT_NEGATIVE: Constraint = { min: 0 };
const PERCENTAGE: Constraint = { min: 0, max: 100 };
const DESCRIPTION: Constraint = { max: 256, sensitive: true };
const TAG_KEY: Constraint = { min: 1, max: 128 };

/** By the member's name, or by its shape and name where one name has more than one meaning. */
const CONSTRAINTS: Readonly<Record<string, Constraint>> = {
  activityArn: ARN,
  cause: { max: 32_768, sensitive: true },
  clientToken: { min: 1, max: 64, pattern: '[!-~]+' },
  context: DATA,
  definition: { min: 1, max: Quota.DEFINITION_BYTES, inBytes: true, sensitive: true },
  description: DESCRIPTION,
  error: { max: 256, sensitive: true },
  errorCausedByState: { ...NAME, sensitive: true },
  executionArn: ARN,
  fieldValidationMode: { values: ['STRICT', 'PRESENT', 'NONE'] },
  includedData: { values: ['ALL_DATA', 'METADATA_ONLY'] },
  input: DATA,
  inspectionLevel: { values: ['INFO', 'DEBUG', 'TRACE'] },
  key: TAG_KEY,
  kmsDataKeyReusePeriodSeconds: { min: 60, max: 900 },
  kmsKeyId: { min: 1, max: 2048 },
  level: { values: ['ALL', 'ERROR', 'FATAL', 'OFF'] },
  logGroupArn: ARN,
  mapItemReaderData: DATA,
  mapIterationFailureCount: NOT_NEGATIVE,
  mapRunArn: LONG_ARN,
  maxConcurrency: NOT_NEGATIVE,
  maxResults: { min: 0, max: 1000 },
  name: NAME,
  nextToken: { min: 1, max: 1024 },
  output: DATA,
  redriveFilter: { values: ['REDRIVEN', 'NOT_REDRIVEN'] },
  resourceArn: ARN,
  result: DATA,
  retrierRetryCount: NOT_NEGATIVE,
  roleArn: ARN,
  routingConfiguration: { min: 1, max: 2 },
  severity: { values: ['ERROR', 'WARNING'] },
  stateMachineAliasArn: ARN,
  stateMachineArn: ARN,
  stateMachineVersionArn: ARN,
  stateName: { ...NAME, sensitive: true },
  statusFilter: { values: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] },
  tagKeys: { each: TAG_KEY },
  taskToken: { min: 1, max: 2048 },
  toleratedFailureCount: NOT_NEGATIVE,
  toleratedFailurePercentage: PERCENTAGE,
  traceHeader: { max: 256, pattern: '\\p{ASCII}*' },
  type: { values: ['STANDARD', 'EXPRESS'] },
  value: { max: 256 },
  variables: DATA,
  versionDescription: DESCRIPTION,
  weight: PERCENTAGE,
  workerName: NAME,
  'CreateStateMachineAliasInput.name': { ...NAME, pattern: '^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$' },
  'DeleteStateMachineVersionInput.stateMachineVersionArn': LONG_ARN,
  'EncryptionConfiguration.type': { values: ['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY'] },
  'ListExecutionsInput.nextToken': { min: 1, max: 3096 },
  'ValidateStateMachineDefinitionInput.maxResults': { min: 0, max: 100 },
};

/** A tag has both, though the reference marks neither. */
const ALSO_REQUIRED = new Set(['Tag.key', 'Tag.value']);

const model = () => models.sfn;

/** @throws ApiError ValidationException that names every problem */
export function checkMembers(operation: string, input: unknown): void {
  const problems = problemsOf(model().operations[operation][0], input, '');
  if (problems.length === 0) return;
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'}`;
  throw new ApiError('ValidationException', `${count} detected: ${problems.join('; ')}`);
}

function problemsOf(ref: Ref, value: unknown, path: string): string[] {
  const shape = shapeOf(model(), ref);
  if (typeof shape === 'number' || shape[0] === 2) return [];
  if (shape[0] === 1) {
    return (value as unknown[]).flatMap((item, i) => problemsOf(memberOf(shape[1]).ref, item, `${path}.${i + 1}.member`));
  }
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(membersOf(shape)).flatMap(([name, member], position) => {
    const at = path ? `${path}.${name}` : name;
    if (given[name] === undefined || given[name] === null) {
      const required = (shape[0] === 3 && position < shape[2]) || ALSO_REQUIRED.has(`${ref}.${name}`);
      return required ? [`Value null at '${at}' failed to satisfy constraint: Member must not be null`] : [];
    }
    const target = memberOf(member).ref;
    const constraint = CONSTRAINTS[`${ref}.${name}`] ?? CONSTRAINTS[name];
    return [...(constraint ? broken(constraint, target, given[name], at) : []), ...problemsOf(target, given[name], at)];
  });
}

function broken(constraint: Constraint, ref: Ref, value: unknown, path: string): string[] {
  const subject = constraint.sensitive ? 'Value' : `Value '${shown(ref, value)}'`;
  const own = rulesBrokenBy(value, constraint).map((rule) => `${subject} at '${path}' failed to satisfy constraint: Member must ${rule}`);
  const { each } = constraint;
  const elements = each && Array.isArray(value) ? value.flatMap((item, i) => broken(each, 0, item, `${path}.${i + 1}.member`)) : [];
  return [...own, ...elements];
}

function rulesBrokenBy(value: unknown, { min, max, pattern, values, inBytes }: Constraint): string[] {
  const [measure, size] =
    typeof value === 'number' ? ['value', value] : ['length', inBytes ? Buffer.byteLength(String(value)) : (value as string).length];
  return [
    min !== undefined && size < min && `have ${measure} greater than or equal to ${min}`,
    max !== undefined && size > max && `have ${measure} less than or equal to ${max}`,
    pattern && !new RegExp(`^(?:${pattern})$`, 'u').test(String(value)) && `satisfy regular expression pattern: ${pattern}`,
    values && !values.includes(String(value)) && `satisfy enum value set: [${values.join(', ')}]`,
  ].filter((rule) => typeof rule === 'string');
}

/** As the service's own language prints it: `[RoutingConfigurationListItem(stateMachineVersionArn=…, weight=50)]`. */
function shown(ref: Ref, value: unknown): string {
  const shape = shapeOf(model(), ref);
  if (typeof shape === 'number' || shape[0] === 2) return String(value);
  if (shape[0] === 1) return `[${(value as unknown[]).map((item) => shown(memberOf(shape[1]).ref, item)).join(', ')}]`;
  const given = value as Readonly<Record<string, unknown>>;
  const members = Object.entries(membersOf(shape)).filter(([name]) => given[name] !== undefined);
  return `${ref}(${members.map(([name, member]) => `${name}=${shown(memberOf(member).ref, given[name])}`).join(', ')})`;
}
