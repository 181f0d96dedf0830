import type { DeployedResource } from '../assembly/types';
import type { ApiCall, Principal } from '../cloud-types';
import type { ScenarioResult } from '../scenario/play';

type Played = Pick<ScenarioResult, 'calls' | 'resources'>;

/**
 * The calls of a run, apart from those of its surroundings that go on by the clock, however many runs there are: functions that
 * nothing but a scheduled rule invokes, and what they call.
 */
export function callsOf({ calls, resources }: Played): { readonly ofTheRun: readonly ApiCall[]; readonly bySchedule: readonly ApiCall[] } {
  const invocations = calls.filter(isInvocation);
  const scheduled = scheduledRules(resources);
  const isScheduled = ({ principal }: ApiCall) => principal.kind === 'service' && scheduled.has(principal.sourceArn ?? '');
  const names = new Set(invocations.filter(isScheduled).map((call) => functionName(call)));
  for (const call of invocations) if (!isScheduled(call)) names.delete(functionName(call));
  const roles = new Set(
    resources
      .filter(({ type, ref }) => type === 'AWS::Lambda::Function' && names.has(ref))
      .map(({ properties }) => properties.Role as string),
  );
  const goesByClock = (call: ApiCall) =>
    (isInvocation(call) && names.has(functionName(call))) || (call.principal.kind === 'role' && roles.has(call.principal.arn));
  return { ofTheRun: calls.filter((call) => !goesByClock(call)), bySchedule: calls.filter(goesByClock) };
}

export function isInvocation({ service, operation }: ApiCall): boolean {
  return service === 'lambda' && operation === 'Invoke';
}

/** Of an invocation: the function's name, without its qualifier. */
export function functionName({ input }: ApiCall): string {
  const [, name] = /(?:function:)?([\w-]+)(?::[\w$-]+)?$/.exec(String(input?.FunctionName).replace(/^arn:.*:function:/, '')) ?? [];
  return name ?? '';
}

function scheduledRules(resources: readonly DeployedResource[]): ReadonlySet<string> {
  const rules = resources.filter(({ type, properties }) => type === 'AWS::Events::Rule' && properties.ScheduleExpression !== undefined);
  return new Set(rules.map(({ attributes }) => String(attributes.Arn)));
}

/** Names things as the reader's own code does: by construct path instead of by ARN or generated name. */
export class Names {
  private readonly paths = new Map<string, string>();

  constructor(resources: readonly DeployedResource[]) {
    for (const { ref, attributes, path, type } of resources) {
      // A policy's or a version's own name stands for the same thing as the resource that it belongs to.
      if (/Policy$|Permission$|Version$/.test(type)) continue;
      const plain = path.replace(/\/Resource$/, '');
      for (const name of [ref, attributes.Arn]) if (typeof name === 'string' && name !== '') this.paths.set(name, plain);
    }
  }

  /** The construct path; what isn't ours stays as it is. A part or a version of a resource is told after its path. */
  of(name: string): string {
    for (let end = name.length; end > 0; end = Math.max(name.lastIndexOf('/', end - 1), name.lastIndexOf(':', end - 1))) {
      const path = this.paths.get(name.slice(0, end));
      if (path !== undefined) return path + name.slice(end);
    }
    return name;
  }

  /** A sentence with construct paths for ARNs. */
  in(text: string): string {
    return text.replace(/arn:[^\s,]+/g, (arn) => this.of(arn));
  }

  caller(principal: Principal): string {
    if (principal.kind === 'role') return this.of(principal.arn);
    return principal.kind === 'service' ? principal.service : 'the scenario';
  }

  /** What a call is about. */
  target({ input }: ApiCall): string {
    const { Bucket, Key } = input ?? {};
    if (typeof Bucket === 'string') return typeof Key === 'string' ? `${this.of(Bucket)}: ${Key}` : this.of(Bucket);
    const member = TARGETS.find((candidate) => typeof input?.[candidate] === 'string');
    return member ? this.of(input[member]) : '';
  }
}

const TARGETS = [
  ...['TableName', 'FunctionName', 'TopicArn', 'TargetArn', 'QueueUrl', 'KeyId', 'SecretId', 'Name', 'RoleName', 'PolicyArn'],
  ...['stateMachineArn', 'executionArn'],
];

const REFUSAL = /is not authorized to perform: /;

/** How a call ended, in a word or an error's name. */
export function outcomeOf({ error }: ApiCall): { readonly kind: 'done' | 'failed' | 'denied'; readonly text: string } {
  if (!error) return { kind: 'done', text: 'done' };
  return REFUSAL.test(error.message) ? { kind: 'denied', text: 'denied' } : { kind: 'failed', text: error.code };
}
