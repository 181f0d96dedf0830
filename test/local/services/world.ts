/** A cloud around the services under test: real access checks, virtual time, the real gateway; only handlers and executions are doubles. */
import { createAccess } from '../../../local/access';
import type { Access } from '../../../local/access/types';
import { VirtualClock } from '../../../local/clock';
import {
  type ApiCall,
  ApiError,
  type ApiRequest,
  type Cloud,
  type CloudEvent,
  type PolicyDocument,
  type PolicyStatement,
  type Principal,
  type ProvisionedResource,
  type ResourceType,
  type Service,
} from '../../../local/cloud-types';
import type { FunctionConfiguration, FunctionRuntime } from '../../../local/functions/types';
import { createIam } from '../../../local/services/iam';
import { createGateway, type Gateway } from '../../../local/wire';
import { clientConfig } from '../../../local/wire/client-config';
import {
  callElsewhere,
  clientElsewhere,
  clockElsewhere,
  createElsewhere,
  credentialsElsewhere,
  ELSEWHERE,
  onlyHere,
  resetElsewhere,
} from './elsewhere';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const OPERATOR: Principal = { kind: 'operator' };

export class World implements Cloud {
  readonly clock = new VirtualClock();
  readonly accountId = ACCOUNT;
  readonly region = REGION;
  readonly partition = 'aws';
  readonly calls: ApiCall[] = [];
  readonly events: CloudEvent[] = [];
  readonly access: Access;
  readonly services = new Map<string, Service>();
  onEvent: (event: CloudEvent) => void = () => {};
  gateway!: Gateway;
  #random = 0.123456789;

  static async start(services: (world: World) => readonly Service[]): Promise<World> {
    if (ELSEWHERE) return worldElsewhere(ELSEWHERE);
    const world = new World();
    world.gateway = await createGateway(world);
    for (const service of [createIam(world, world.access), ...services(world)]) world.services.set(service.name, service);
    return world;
  }

  constructor() {
    this.access = createAccess({ accountId: ACCOUNT, region: REGION, partition: 'aws', now: () => this.clock.now() });
  }

  random = (): number => {
    this.#random = (this.#random * 9301 + 0.49297) % 1;
    return this.#random;
  };

  async call(request: ApiRequest): Promise<unknown> {
    const at = this.clock.now();
    try {
      const operation = this.services.get(request.service)?.operations[request.operation];
      if (!operation)
        throw new ApiError('NotImplemented', `Not served by the local runner (stepworks): ${request.service}:${request.operation}`, 501);
      for (const needed of operation.access(request.input)) {
        const { allowed, message } = this.access.authorize(request.principal, needed);
        if (!allowed) throw new ApiError(request.service === 'sns' ? 'AuthorizationError' : 'AccessDeniedException', message ?? '', 403);
      }
      const output = await operation.run(request.input, request.principal);
      this.calls.push({ ...request, at, output });
      return output;
    } catch (error) {
      if (error instanceof ApiError) this.calls.push({ ...request, at, error });
      throw error;
    }
  }

  emit(event: CloudEvent): void {
    this.events.push(event);
    this.onEvent(event);
  }

  setResourcePolicy(resourceArn: string, policy: PolicyDocument): void {
    this.access.setResourcePolicy(resourceArn, policy);
  }

  async create(type: string, logicalId: string, properties: Record<string, unknown> = {}): Promise<ProvisionedResource> {
    const types = new Map<string, ResourceType>([...this.services.values()].flatMap((service) => Object.entries(service.resources ?? {})));
    const found = types.get(type);
    if (!found) throw new Error(`no service under test makes ${type}`);
    return found.create({
      stackName: 'Stack',
      logicalId,
      type,
      path: `Stack/${logicalId}`,
      properties,
      physicalName: (maxLength = 255) => `Stack-${logicalId}-ABCDEF`.slice(0, maxLength),
      asset: (bucket, key) => `/assets/${bucket}/${key}`,
    });
  }

  /** A role with these statements; its ARN. */
  async role(name: string, ...statements: PolicyStatement[]): Promise<string> {
    const { attributes } = await this.create('AWS::IAM::Role', name, {
      RoleName: name,
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
      Policies: [{ PolicyName: 'inline', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    });
    return attributes?.Arn as string;
  }

  /** What an SDK client is given: as the operator, or as a role. */
  client(roleArn?: string) {
    return { ...clientConfig(REGION, this.gateway.url, roleArn), maxAttempts: 3 };
  }

  /** The calls of one operation, in order. */
  callsOf(service: string, operation: string): ApiCall[] {
    return this.calls.filter((call) => call.service === service && call.operation === operation);
  }
}

/** The same, as far as another emulator can be one. */
async function worldElsewhere(url: string): Promise<World> {
  await resetElsewhere();
  const world: Partial<Record<keyof World, unknown>> = {
    accountId: ACCOUNT,
    region: REGION,
    partition: 'aws',
    clock: clockElsewhere,
    gateway: { url, credentialsFor: credentialsElsewhere, close: async () => {} },
    client: clientElsewhere,
    call: ({ service, operation, input }: ApiRequest) => callElsewhere(service, operation, input),
    create: (type: string, logicalId: string, properties: Record<string, unknown> = {}) =>
      createElsewhere(type, type === 'AWS::SQS::Queue' ? { QueueName: `Stack-${logicalId}-ABCDEF`, ...properties } : properties),
  };
  return new Proxy(world, {
    get(target, name) {
      if (name === 'then') return undefined; // it is awaited
      return name in target ? target[name as keyof World] : onlyHere(`what ${String(name)} of a world tells`);
    },
  }) as World;
}

/** What AWS's SDK rejects with. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ name: string; message: string; $metadata: { httpStatusCode?: number; attempts?: number } }> {
  return work.then(
    () => {
      throw new Error('it was not refused');
    },
    (error) => error,
  );
}

export type Handler = (event: unknown, fn: FunctionConfiguration) => unknown;

/** Runs functions of the test in place of handlers from assets; they are bound by function name. */
export class TestRuntime implements FunctionRuntime {
  readonly handlers = new Map<string, Handler>();
  readonly invocations: { name: string; event: unknown }[] = [];

  async invoke(fn: FunctionConfiguration, payload: string) {
    const handler = this.handlers.get(fn.name);
    if (!handler) throw new Error(`no handler for ${fn.name}`);
    const event = JSON.parse(payload);
    this.invocations.push({ name: fn.name, event });
    const requestId = `request-${this.invocations.length}`;
    try {
      const result = await handler(event, fn);
      return { payload: JSON.stringify(result ?? null), requestId, logs: [`${fn.name} ran`] };
    } catch (error) {
      const { name, message } = error as Error;
      return {
        payload: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }),
        functionError: 'Unhandled' as const,
        requestId,
        logs: [],
      };
    }
  }

  async dispose(): Promise<void> {}
}

export function functionProperties(name: string, role: string, more: Record<string, unknown> = {}) {
  return {
    FunctionName: name,
    Role: role,
    Handler: 'index.handler',
    Runtime: 'nodejs22.x',
    Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
    ...more,
  };
}
