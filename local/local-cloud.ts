import { type Access, createAccess } from './access';
import { allResources, type CrossStackValues, deploy, loadAssembly } from './assembly';
import type { Assembly, DeployedResource, DeployedStack } from './assembly/types';
import { DEFAULT_START, type DurationLike, inMilliseconds, VirtualClock } from './clock';
import {
  type ApiCall,
  ApiError,
  type ApiRequest,
  type Cloud,
  type CloudEvent,
  type PolicyDocument,
  type Principal,
  type ResourceType,
  type Service,
} from './cloud-types';
import { createEngine } from './engine';
import type { Engine, Execution } from './engine/types';
import { type CallFault, Faults } from './faults';
import { createFunctionRuntime } from './functions';
import { LocalBucket } from './handles/bucket';
import { LocalEventBus } from './handles/event-bus';
import { findResource } from './handles/find';
import { type Invocation, LocalFunction } from './handles/function';
import { LocalQueue } from './handles/queue';
import { LocalStateMachine } from './handles/state-machine';
import { LocalTable } from './handles/table';
import { LocalTopic } from './handles/topic';
import { createTaskPort } from './integrations';
import { toStatesError } from './integrations/errors';
import { RecordedFunctions } from './recorded-functions';
import type { Mail } from './scenario/driver';
import { seededRandom } from './seeded-random';
import { createServices, type Services } from './services';
import { createObjectsPort } from './services/s3';
import { type SynthesizableStack, synthesized } from './synthesized';
import { TasksInOrder } from './tasks-in-order';
import { createGateway, type Gateway } from './wire';

export interface LocalCloudOptions {
  /** @default - where the app pins its stacks to, or else "us-east-1" */
  readonly region?: string;
  /** @default - where the app pins its stacks to, or else "123456789012" */
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

const OPERATOR: Principal = { kind: 'operator' };

/**
 * A cloud on this machine: what `cdk synth` wrote, deployed into memory and run on virtual time, every call checked against the
 * synthesized policies.
 */
export class LocalCloud implements Cloud {
  /** Deploys all stacks of a cloud assembly. @param directory `cdk.out` */
  static async fromAssembly(directory: string, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    return LocalCloud.deploy(await loadAssembly(directory), options);
  }

  /** Synthesizes the app of a CDK stack, and deploys the stack with those that it depends on. */
  static async fromStack(stack: SynthesizableStack, options: LocalCloudOptions = {}): Promise<LocalCloud> {
    const { directory, stackPaths } = synthesized(stack);
    return LocalCloud.deploy(await loadAssembly(directory), options, stackPaths);
  }

  /**
   * Deploys a cloud assembly that is already read: a fresh cloud for each run costs milliseconds then.
   * @param stackPaths construct paths of the stacks that are meant; all without
   */
  static async deploy(assembly: Assembly, options: LocalCloudOptions = {}, stackPaths?: readonly string[]): Promise<LocalCloud> {
    const stacks = assembly.stacks.filter(({ path }) => !stackPaths || stackPaths.includes(path));
    const region = stacks.find((stack) => stack.region)?.region;
    const accountId = stacks.find((stack) => stack.account)?.account;
    const cloud = new LocalCloud({ ...(region && { region }), ...(accountId && { accountId }), ...options });
    try {
      await cloud.open();
      const shared: CrossStackValues = { exports: new Map(), outputs: new Map() };
      for (const stack of stacks) cloud.stacks.push(await deploy(stack, cloud, cloud.resourceTypes, { shared }));
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
  readonly random: () => number;
  private readonly engine: Engine;
  private readonly faults = new Faults();
  private gateway!: Gateway;
  private functions!: RecordedFunctions;
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
    this.gateway = await createGateway(this.forHandlers());
    const runtime = createFunctionRuntime({
      clock: this.clock,
      region: this.region,
      accountId: this.accountId,
      endpointUrl: this.gateway.url,
      credentialsFor: (roleArn) => this.gateway.credentialsFor(roleArn),
    });
    this.functions = new RecordedFunctions(this.clock, runtime);
    this.services = createServices({
      cloud: this,
      engine: this.engine,
      access: this.access,
      runtime: this.functions,
      gatewayUrl: this.gateway.url,
    });
    this.serviceByName = new Map(this.services.all.map((service) => [service.name, service]));
    this.resourceTypes = new Map(this.services.all.flatMap((service) => Object.entries(service.resources ?? {})));
  }

  async call(request: ApiRequest): Promise<unknown> {
    const late = this.faults.takeDelay(request);
    if (late > 0) await this.clock.sleepUntil(this.clock.now() + late);
    return this.callNow(request);
  }

  /** As handlers reach it: time stands still while they run, so that none of their calls can be late. */
  private forHandlers(): Cloud {
    return Object.create(this, { call: { value: (request: ApiRequest) => this.callNow(request) } });
  }

  private async callNow(request: ApiRequest): Promise<unknown> {
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

  private async answer(request: ApiRequest): Promise<unknown> {
    const { service, operation, input, principal } = request;
    const handler = this.serviceByName.get(service)?.operations[operation];
    if (!handler) throw new ApiError('NotImplemented', `stepworks does not emulate ${service}:${operation}`, 501);
    for (const needed of handler.access(input)) {
      const decision = this.access.authorize(principal, needed);
      if (!decision.allowed) throw new ApiError(DENIED_CODES[service] ?? 'AccessDeniedException', decision.message ?? 'access denied', 403);
    }
    const failure = this.faults.takeFailure(request, (role) => this.isBelow(principal, role));
    if (failure && !failure.afterEffect) throw failure.error;
    const output = await handler.run(input, principal);
    if (failure) throw failure.error;
    if (this.faults.takeRepetition(request)) await handler.run(input, principal);
    return output;
  }

  private isBelow(principal: Principal, path: string): boolean {
    if (principal.kind !== 'role') return false;
    const roles = this.stacks.flatMap(allResources).filter(({ type }) => type === 'AWS::IAM::Role');
    return roles.find((role) => role.attributes.Arn === principal.arn)?.path.startsWith(path) ?? false;
  }

  /** A call of the person at the keyboard: everything is allowed, nothing is counted, and what it sets off at once has happened. */
  async operate<T>(service: string, operation: string, input: Readonly<Record<string, unknown>>): Promise<T> {
    const output = await this.callNow({ service, operation, input, principal: OPERATOR });
    await this.clock.settle();
    return output as T;
  }

  emit(event: CloudEvent): void {
    this.services.emit(event);
  }

  setResourcePolicy(resourceArn: string, policy: PolicyDocument): void {
    this.access.setResourcePolicy(resourceArn, policy);
  }

  /**
   * Makes the next calls of an operation fail.
   * @param call SDK client and operation: "dynamodb:PutItem", "sfn:SendTaskSuccess"
   */
  fail(call: string, fault: CallFault): void {
    this.faults.fail(this.operation(call), fault);
  }

  /** The next calls of an operation have their effect twice, as what is delivered at least once may: "sqs:SendMessage", "lambda:Invoke". */
  deliverTwice(call: string, { times }: { readonly times?: number } = {}): void {
    this.faults.repeat(this.operation(call), times);
  }

  /**
   * The next calls of an operation that a rule, a topic, a queue or a state machine makes come late: "sqs:SendMessage", "sfn:StartExecution".
   * A handler's own calls don't, since no time passes while a handler runs.
   */
  deliverLate(call: string, by: DurationLike, { times }: { readonly times?: number } = {}): void {
    this.faults.delay(this.operation(call), inMilliseconds(by), times);
  }

  /** @throws for what no service has */
  private operation(call: string): { service: string; operation: string } {
    const [service, operation] = call.split(':');
    const operations = this.serviceByName.get(service)?.operations;
    if (operations?.[operation]) return { service, operation };
    throw new Error(
      operations
        ? `the local runner serves no operation '${operation}' of ${service}, only: ${Object.keys(operations).join(', ')}`
        : `'${call}' should be "service:Operation", with a service of the local runner: ${[...this.serviceByName.keys()].join(', ')}`,
    );
  }

  /** A state machine. @param name here and below: construct path, from the app or its stack, or logical id */
  stateMachine(name: string): LocalStateMachine {
    return new LocalStateMachine(this, this.find('AWS::StepFunctions::StateMachine', name).ref);
  }

  table(name: string): LocalTable {
    const table = findResource(this.stacks, ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'], name).ref;
    return new LocalTable(this, table, () => this.services.items(table));
  }

  bucket(name: string): LocalBucket {
    const bucket = this.find('AWS::S3::Bucket', name).ref;
    return new LocalBucket(this, bucket, () => this.services.bucket(bucket));
  }

  queue(name: string): LocalQueue {
    const url = this.find('AWS::SQS::Queue', name).ref;
    return new LocalQueue(this, url, () => this.services.messages(url));
  }

  topic(name: string): LocalTopic {
    return new LocalTopic(this, this.find('AWS::SNS::Topic', name).ref);
  }

  function(name: string): LocalFunction {
    return new LocalFunction(this, this.find('AWS::Lambda::Function', name).ref, this.functions.standIns);
  }

  /** @param name @default - the default bus */
  eventBus(name?: string): LocalEventBus {
    return new LocalEventBus(this, name === undefined ? 'default' : this.find('AWS::Events::EventBus', name).ref);
  }

  /**
   * A resource of a type, with its attributes: for what has no method of its own.
   * @throws if there is none of this name, or more than one
   */
  find(type: string, name: string): DeployedResource {
    return findResource(this.stacks, [type], name);
  }

  /** Every invocation of a function that has ended, in the order of the ends. */
  get invocations(): readonly Invocation[] {
    return this.functions.invocations;
  }

  /** Every line that a function wrote, in the order of the invocations' ends. */
  get functionLogs(): readonly { readonly functionName: string; readonly line: string }[] {
    return this.invocations.flatMap(({ functionName, logs }) => logs.map((line) => ({ functionName, line })));
  }

  /** Every mail that was sent, in order. */
  get outbox(): readonly Mail[] {
    return this.services.outbox;
  }

  /** Every line of an HTTP API's access log, in order. */
  get accessLogs(): readonly { readonly line: string }[] {
    return this.services.accessLogs;
  }

  execution(arn: string): Execution {
    const execution = this.engine.execution(arn);
    if (!execution) throw new Error(`there is no execution ${arn}`);
    return execution;
  }

  /** In the order of their starts. @param machineArn only those of this state machine */
  executions(machineArn?: string): readonly Execution[] {
    return this.engine.executions(machineArn);
  }

  /** Stops workers and closes sockets. */
  async dispose(): Promise<void> {
    await this.services?.dispose();
    await this.functions?.dispose();
    await this.gateway?.close();
  }
}
