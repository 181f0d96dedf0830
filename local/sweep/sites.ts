/** The places of a workflow where calls are made: found in the calls that were recorded, never listed by hand. */
import { allResources } from '../assembly';
import type { DeployedResource } from '../assembly/types';
import type { ApiRequest } from '../cloud-types';
import type { LocalCloud } from '../local-cloud';
import { functionName, Names } from '../report/calls';

/** `state`: a task. `objects`: Step Functions for a Distributed Map. `handler`: inside a function or a job. `delivery`: a service's own. */
export type SiteKind = 'state' | 'objects' | 'handler' | 'delivery';

export interface Site {
  /** As the table writes it: "OpenAccount dynamodb:UpdateItem". */
  readonly name: string;
  readonly kind: SiteKind;
  /** Whether what it sends may arrive twice. */
  readonly delivers: boolean;
  /** Whether a Standard workflow runs there, which can be stopped and redriven. */
  readonly standard: boolean;
  /** ARN of the state machine whose task it is. */
  readonly machine: string;
  /** Whether the invocation that makes it is known. */
  readonly traced: boolean;
}

/** Tells the site of a call, on one cloud. */
export class Sites {
  private readonly names: Names;
  private readonly resources: readonly DeployedResource[];

  constructor(private readonly cloud: LocalCloud) {
    this.resources = cloud.stacks.flatMap(allResources);
    this.names = new Names(this.resources);
  }

  /** Undefined for what the scenario itself does, and for what services do among themselves. */
  of(request: ApiRequest): Site | undefined {
    const { origin, principal, service, operation } = request;
    const call = `${service}:${operation}`;
    const site = (kind: SiteKind, where: string, rest: Partial<Site> = {}): Site => ({
      ...{ name: `${where} ${call}`, kind, delivers: delivers(request), standard: this.anyStandard(), machine: '', traced: false },
      ...rest,
    });
    if (origin?.kind === 'state' || origin?.kind === 'objects') {
      const { type, arn: machine } = this.cloud.execution(origin.executionArn).machine;
      return site(origin.kind, origin.kind === 'state' ? origin.state : 'the map', { standard: type === 'STANDARD', machine });
    }
    if (origin?.kind === 'client') {
      if (principal.kind !== 'role') return undefined;
      return site('handler', this.caller(principal.arn), { traced: origin.traceId !== undefined });
    }
    if (principal.kind === 'operator' || !delivers(request)) return undefined;
    const sender = principal.kind === 'service' ? principal.service.replace(/\.amazonaws\.com$/, '') : this.caller(principal.arn);
    return site('delivery', `${sender} to ${withoutStack(this.names.target(request as never))}`);
  }

  /** The function that a role is made for. */
  functionOf(roleArn: string): DeployedResource | undefined {
    return this.resources.find(({ type, properties }) => type === 'AWS::Lambda::Function' && properties.Role === roleArn);
  }

  /** Of an invocation. */
  functionNamed(request: ApiRequest): string {
    return functionName(request as never);
  }

  private caller(roleArn: string): string {
    return withoutStack(this.names.of(roleArn)).replace(/\/(Service)?Role$/, '');
  }

  private anyStandard(): boolean {
    return this.cloud.executions().some(({ machine }) => machine.type === 'STANDARD');
  }
}

/** Calls by which something is delivered at least once. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
function delivers({ service, operation, input, principal }: ApiRequest): boolean {
  switch (`${service}:${operation}`) {
    case 'sqs:SendMessage':
    case 'sqs:SendMessageBatch':
    case 'sns:Publish':
    case 'sns:PublishBatch':
    case 'eventbridge:PutEvents':
      return true;
    case 'sfn:StartExecution':
      return principal.kind === 'service';
    case 'lambda:Invoke':
      // From an HTTP API too: people press a button twice.
      return principal.kind === 'service' || input.InvocationType === 'Event';
    default:
      return false;
  }
}

function withoutStack(path: string): string {
  return path.replace(/^[^/]*\//, '').replace(/\/Resource(?=:|$)/, '');
}
