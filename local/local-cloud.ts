import { type Access, createAccess } from './access';
import { allResources, type CrossStackValues, deploy, loadAssembly } from './assembly';
import type { Assembly, DeployedResource, DeployedStack } from './assembly/types';
import { DEFAULT_START, VirtualClock } from './clock';
import {
  type ApiCall,
  ApiError,
  type ApiRequest,
  type Cloud,
  type CloudEvent,
  type PolicyDocument,
  type ResourceType,
  type Service,
} from './cloud-types';
import { createEngine } from './engine';
import type { Engine, Execution } from './engine/types';
import { createFunctionRuntime } from './functions';
import type { FunctionRuntime } from './functions/types';
import { createTaskPort } from './integrations';
import { toStatesError } from './integrations/errors';
import type { Fault, Mail } from './scenario/driver';
import { seededRandom } from './seeded-random';
import { createServices, type Services } from './services';
import { createObjectsPort } from './services/s3';
import { TasksInOrder } from './tasks-in-order';
import { createGateway, type Gateway } from './wire';

export interface LocalCloudOptions {
  /** @default "us-east-1" */
  readonly region?: string;
  /** @default "123456789012" */
  readonly accountId?: string;
  /** When virtual time starts, in milliseconds since the epoch. @default Monday 5 January 2026, 9:00 UTC */
  readonly start?: number;
  /** Runs with the same seed are the same. @default 1 */
  readonly seed?: number;
}

/** How AWS names a refused permission, where it is not AccessDeniedException. */
const DENIED_CODES: Readonly<Record<string, string>> = {
  sns: 'AuthorizationError',
  sqs: 'AccessDenied',
  s3: 'AccessDenied',
  iam: 'AccessDenied',
};

/**
 * A cloud on this machine: what `cdk synth` wrote, deployed into memory and run on virtual time, every call checked against the
 * synthesized policies.
 */
export class LocalCloud implements Cloud {
  /** Deploys all stacks of a cloud assembly. @param directory `cdk.out` */
  static async fromAssembly(directory: string, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    return LocalCloud.deploy(await loadAssembly(directory), options);
  }

  /** Deploys a cloud assembly that is already read: a fresh cloud for each run costs milliseconds then. */
  static async deploy(assembly: Assembly, options: LocalCloudOptions = {}, stackNames?: readonly string[]): Promise<LocalCloud> {
    const cloud = new LocalCloud(options);
    try {
      await cloud.open();
      const shared: CrossStackValues = { exports: new Map(), outputs: new Map() };
      for (const stack of assembly.stacks) {
        if (stackNames && !stackNames.includes(stack.stackName)) continue;
        cloud.stacks.push(await deploy(stack, cloud, cloud.resourceTypes, { shared }));
      }
    } catch (error) {
      await cloud.dispose();
      throw error;
    }
    return cloud;
  }

  readonly clock: VirtualClock;
  readonly accountId: string;
  readonly region: string;
  readonly partition = 'aws';
  readonly access: Access;
  readonly stacks: DeployedStack[] = [];
  /** Every call that was made, in order. */
  readonly calls: ApiCall[] = [];
  /** Every line that a function wrote, in order of the invocations' ends. */
  readonly functionLogs: { readonly functionName: string; readonly line: string }[] = [];
  readonly random: () => number;
  private readonly engine: Engine;
  private readonly faults: { fault: Fault; left: number }[] = [];
  private gateway!: Gateway;
  private runtime!: FunctionRuntime;
  private services!: Services;
  private resourceTypes!: ReadonlyMap<string, ResourceType>;
  private serviceByName!: ReadonlyMap<string, Service>;

  private constructor({ region = 'us-east-1', accountId = '123456789012', start = DEFAULT_START, seed = 1 }: LocalCloudOptions) {
    this.clock = new VirtualClock(start);
    this.region = region;
    this.accountId = accountId;
    this.random = seededRandom(seed);
    this.access = createAccess({ accountId, region, partition: this.partition, now: () => this.clock.now() });
    this.engine = createEngine({
      objects: createObjectsPort(this, (error) => toStatesError('s3', 'java2', error, 'local')),
      clock: this.clock,
      tasks: new TasksInOrder(
        createTaskPort(this, (arn) => this.engine.execution(arn)),
        this.clock,
      ),
      accountId,
      region,
      partition: this.partition,
      random: this.random,
    });
  }

  private async open(): Promise<void> {
    this.gateway = await createGateway(this);
    const runtime = createFunctionRuntime({
      clock: this.clock,
      region: this.region,
      accountId: this.accountId,
      endpointUrl: this.gateway.url,
      credentialsFor: (roleArn) => this.gateway.credentialsFor(roleArn),
    });
    this.runtime = {
      invoke: async (fn, payload) => {
        const result = await runtime.invoke(fn, payload);
        this.functionLogs.push(...result.logs.map((line) => ({ functionName: fn.name, line })));
        return result;
      },
      dispose: () => runtime.dispose(),
    };
    this.services = createServices({
      cloud: this,
      engine: this.engine,
      access: this.access,
      runtime: this.runtime,
      gatewayUrl: this.gateway.url,
    });
    this.serviceByName = new Map(this.services.all.map((service) => [service.name, service]));
    this.resourceTypes = new Map(this.services.all.flatMap((service) => Object.entries(service.resources ?? {})));
  }

  async call(request: ApiRequest): Promise<unknown> {
    const at = this.clock.now();
    try {
      const output = await this.answer(request);
      this.calls.push({ ...request, at, output });
      return output;
    } catch (error) {
      if (error instanceof ApiError) this.calls.push({ ...request, at, error });
      throw error;
    }
  }

  private async answer({ service, operation, input, principal }: ApiRequest): Promise<unknown> {
    const handler = this.serviceByName.get(service)?.operations[operation];
    if (!handler) throw new ApiError('NotImplemented', `stepworks does not emulate ${service}:${operation}`, 501);
    for (const request of handler.access(input)) {
      const decision = this.access.authorize(principal, request);
      if (!decision.allowed) throw new ApiError(DENIED_CODES[service] ?? 'AccessDeniedException', decision.message ?? 'access denied', 403);
    }
    const fault = this.takeFault(service, operation, principal.kind === 'role' ? principal.arn : undefined);
    if (fault && !fault.afterEffect) throw faultError(fault);
    const output = await handler.run(input, principal);
    if (fault) throw faultError(fault);
    return output;
  }

  emit(event: CloudEvent): void {
    this.services.emit(event);
  }

  setResourcePolicy(resourceArn: string, policy: PolicyDocument): void {
    this.access.setResourcePolicy(resourceArn, policy);
  }

  /** Makes the next calls of an operation fail. */
  inject(fault: Fault): void {
    this.faults.push({ fault, left: fault.times ?? 1 });
  }

  private takeFault(service: string, operation: string, roleArn: string | undefined): Fault | undefined {
    const found = this.faults.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.service === service &&
        fault.operation === operation &&
        (fault.role === undefined || this.pathOfRole(roleArn)?.startsWith(fault.role)),
    );
    if (found) found.left--;
    return found?.fault;
  }

  private pathOfRole(arn: string | undefined): string | undefined {
    return this.resources('AWS::IAM::Role').find((role) => role.attributes.Arn === arn)?.path;
  }

  /** Every mail that was sent, in order. */
  get outbox(): readonly Mail[] {
    return this.services.outbox;
  }

  /** Every line of an HTTP API's access log, in order. */
  get accessLogs(): readonly { readonly line: string }[] {
    return this.services.accessLogs;
  }

  /** Items of a table as plain values. @param table construct path */
  items(table: string): readonly Record<string, unknown>[] {
    const types = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];
    const type = types.find((candidate) => this.matches(candidate, table).length > 0) ?? types[0];
    return this.services.items(this.find(type, table).ref);
  }

  execution(arn: string): Execution {
    const execution = this.engine.execution(arn);
    if (!execution) throw new Error(`there is no execution ${arn}`);
    return execution;
  }

  lastExecution(): Execution | undefined {
    return this.engine.executions().at(-1);
  }

  /**
   * The one resource of a type at, or below, a construct path.
   * @throws if there is none, or more than one
   */
  find(type: string, path: string): DeployedResource {
    const found = this.matches(type, path);
    if (found.length === 1) return found[0];
    const all = this.resources(type).map((resource) => resource.path.replace(/\/Resource$/, ''));
    throw new Error(
      `${found.length === 0 ? 'no' : `${found.length} resources of the type`} ${type} at the construct path '${path}'; there are: ${all.join(', ') || 'none'}`,
    );
  }

  private matches(type: string, path: string): DeployedResource[] {
    const candidates = this.resources(type);
    const exact = candidates.filter((resource) => resource.path === path || resource.path === `${path}/Resource`);
    return exact.length > 0 ? exact : candidates.filter((resource) => resource.path.startsWith(`${path}/`));
  }

  private resources(type: string): DeployedResource[] {
    return this.stacks.flatMap(allResources).filter((resource) => resource.type === type);
  }

  /** Stops workers and closes sockets. */
  async dispose(): Promise<void> {
    await this.services?.dispose();
    await this.runtime?.dispose();
    await this.gateway?.close();
  }
}

function faultError(fault: Fault): ApiError {
  return new ApiError(fault.error, fault.message ?? 'made to fail by the scenario', fault.statusCode ?? 400);
}
