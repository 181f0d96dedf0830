import { type Access, type AccessMode, createAccess } from './access';
import { ApiCalls, type CallInterceptor } from './api-calls';
import {
  allResources,
  type CrossStackValues,
  deploy,
  loadAssembly,
  type Placeholder,
  placeholdersIn,
  rolesOfCustomResources,
} from './assembly';
import type { Assembly, DeployedResource, DeployedStack } from './assembly/types';
import { DEFAULT_START, type DurationLike, inMilliseconds, VirtualClock } from './clock';
import type { ApiCall, ApiRequest, Cloud, CloudEvent, PolicyDocument, Principal, ResourceType } from './cloud-types';
import { createEngine } from './engine';
import type { Engine, Execution, MapRun } from './engine/types';
import type { CallFault } from './faults';
import { createFunctionRuntime } from './functions';
import type { Interruption } from './functions/types';
import { LocalBucket } from './handles/bucket';
import { LocalEventBus } from './handles/event-bus';
import { findResource } from './handles/find';
import { LocalFunction } from './handles/function';
import type { OperatedCloud } from './handles/operated-cloud';
import { LocalQueue } from './handles/queue';
import { LocalStateMachine } from './handles/state-machine';
import { LocalTable } from './handles/table';
import { LocalTopic } from './handles/topic';
import { createTaskPort } from './integrations';
import { toStatesError } from './integrations/errors';
import { type Invocation, RecordedFunctions } from './recorded-functions';
import type { Mail } from './scenario/driver';
import { seededRandom } from './seeded-random';
import { FRESH_SERVERS, type Servers } from './servers';
import { createServices, type Services } from './services';
import type { JobFunction, JobLogLine, JobOptions, JobService } from './services/jobs/types';
import { createObjectsPort } from './services/s3';
import { authorizeChildExecutions } from './services/stepfunctions';
import { type SynthesizableStack, synthesized } from './synthesized';
import { TasksInOrder } from './tasks-in-order';
import type { WarmStart } from './warm-start';
import { createGateway, type Gateway } from './wire';
import { type ClientConfig, clientConfig } from './wire/client-config';

export interface LocalCloudOptions {
  /** @default - where the app pins its stacks to, or else "us-east-1" */
  readonly region?: string;
  /** @default - where the app pins its stacks to, or else "123456789012" */
  readonly accountId?: string;
  /** When virtual time starts, in milliseconds since the epoch. @default Monday 5 January 2026, 9:00 UTC */
  readonly start?: number;
  /** Runs with the same seed are the same. @default 1 */
  readonly seed?: number;
  /**
   * What becomes of a call that the synthesized policies don't allow: it is refused, it goes through with a warning, or nothing is checked.
   * @default "enforce"
   */
  readonly access?: AccessMode;
  /**
   * How many bytes `calls` keeps of the calls' bodies, and `invocations` of what functions were given, in all. Of those that come later
   * it says how long they were.
   * @default 16 MiB
   */
  readonly recordedBytes?: number;
  /** What the cloud before has left, in many runs on the same assembly. @default - a cold start */
  readonly warm?: WarmStart;
}

const OPERATOR: Principal = { kind: 'operator' };

const JOB_TYPES: Readonly<Record<JobService, string>> = {
  glue: 'AWS::Glue::Job',
  ecs: 'AWS::ECS::TaskDefinition',
  batch: 'AWS::Batch::JobDefinition',
  codebuild: 'AWS::CodeBuild::Project',
};

/**
 * A cloud on this machine: what `cdk synth` wrote, deployed into memory and run on virtual time, every call checked against the
 * synthesized policies.
 */
export class LocalCloud implements OperatedCloud {
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
      cloud.api.placeholders = placeholdersIn(cloud.stacks.flatMap(allResources));
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
  readonly random: () => number;
  readonly servers: Servers;
  private readonly warm: WarmStart | undefined;
  private readonly recordedBytes: number | undefined;
  private readonly engine: Engine;
  private readonly api: ApiCalls;
  private gateway!: Gateway;
  private functions!: RecordedFunctions;
  private services!: Services;
  private resourceTypes!: ReadonlyMap<string, ResourceType>;

  private constructor(options: LocalCloudOptions) {
    const { region = 'us-east-1', accountId = '123456789012', start = DEFAULT_START, seed = 1, access, recordedBytes, warm } = options;
    this.clock = new VirtualClock(start);
    this.region = region;
    this.accountId = accountId;
    this.random = seededRandom(seed);
    this.warm = warm;
    this.recordedBytes = recordedBytes;
    this.servers = warm?.servers.forNext() ?? FRESH_SERVERS;
    this.access = createAccess({
      accountId,
      region,
      partition: this.partition,
      mode: access,
      now: () => this.clock.now(),
      machines: () => this.engine.executions().map(({ machine }) => machine),
      notRun: () => rolesOfCustomResources(this.stacks.flatMap(allResources)),
    });
    this.api = new ApiCalls({ clock: this.clock, access: this.access, recordedBytes, pathOfRole: (arn) => this.pathOfRole(arn) });
    this.engine = createEngine({
      objects: createObjectsPort(this, (error) => toStatesError('s3', 'java2', error, 'local')),
      authorize: authorizeChildExecutions(this.access, (error) => toStatesError('sfn', 'java1', error, 'local')),
      clock: this.clock,
      tasks: new TasksInOrder(
        createTaskPort(
          this,
          (arn) => this.engine.execution(arn),
          (id) => this.services.jobs.ended(id),
        ),
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
      askers: this.gateway.askers,
      credentialsFor: (roleArn) => this.gateway.credentialsFor(roleArn),
      warm: this.warm?.functions,
    });
    this.functions = new RecordedFunctions(this.clock, runtime, this.recordedBytes);
    this.services = createServices({
      cloud: this,
      engine: this.engine,
      access: this.access,
      runtime: this.functions,
      gatewayUrl: this.gateway.url,
    });
    this.api.serve(this.services.all);
    this.resourceTypes = new Map(this.services.all.flatMap((service) => Object.entries(service.resources ?? {})));
  }

  call(request: ApiRequest): Promise<unknown> {
    return this.api.deliver(request);
  }

  /** As handlers reach it: time stands still while they run, so that none of their calls can be late. */
  private forHandlers(): Cloud {
    return Object.create(this, { call: { value: (request: ApiRequest) => this.api.call(request) } });
  }

  private pathOfRole(arn: string): string | undefined {
    const roles = this.stacks.flatMap(allResources).filter(({ type }) => type === 'AWS::IAM::Role');
    return roles.find(({ attributes }) => attributes.Arn === arn)?.path;
  }

  /** Every call that was made, in order; see `recordedBytes`. */
  get calls(): readonly ApiCall[] {
    return this.api.made;
  }

  /** Attributes of resources that nothing here makes. They fail the call that they are given to. */
  get placeholders(): readonly Placeholder[] {
    return this.api.placeholders;
  }

  /**
   * A call of the person at the keyboard: everything is allowed, nothing is counted, and what it sets off at once has happened. Time
   * passes only where the answer waits for it.
   */
  async operate<T>(service: string, operation: string, input: Readonly<Record<string, unknown>>): Promise<T> {
    let answered = false;
    const answer = this.api.call({ service, operation, input, principal: OPERATOR }).finally(() => {
      answered = true;
    });
    answer.catch(() => {}); // It is told below.
    await this.clock.runUntil(() => answered, `${service}:${operation}`);
    return (await answer) as T;
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
    this.api.faults.fail(this.api.named(call), fault);
  }

  /** The next calls of an operation have their effect twice, as what is delivered at least once may: "sqs:SendMessage", "lambda:Invoke". */
  deliverTwice(call: string, { times }: { readonly times?: number } = {}): void {
    this.api.faults.repeat(this.api.named(call), times);
  }

  /**
   * The next calls of an operation that a rule, a topic, a queue or a state machine makes come late: "sqs:SendMessage", "sfn:StartExecution".
   * A handler's own calls don't, since no time passes while a handler runs.
   */
  deliverLate(call: string, by: DurationLike, { times }: { readonly times?: number } = {}): void {
    this.api.faults.delay(this.api.named(call), inMilliseconds(by), times);
  }

  /** Puts itself between every call that is allowed and its effect. One at a time. */
  intercept(interceptor: CallInterceptor): void {
    this.api.interceptor = interceptor;
  }

  /** Ends an invocation of a function that runs, by the trace id of its calls. */
  interrupt(traceId: string, as: Interruption): void {
    this.functions.interrupt(traceId, as);
  }

  /**
   * For an AWS SDK client of one's own: `new SFNClient(cloud.clientConfig())`.
   * @param roleArn a role, whose permissions count then. @default - the person at the keyboard, who may do everything
   */
  clientConfig(roleArn?: string): ClientConfig {
    return clientConfig(this.region, this.gateway.url, roleArn);
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

  /**
   * What runs in the place of a Glue job, the tasks of an ECS task definition, the jobs of a Batch job definition or the builds of a
   * CodeBuild project from now on.
   * @param name construct path or logical id, as above, or its physical name
   */
  job<S extends JobService>(service: S, name: string, run: JobFunction<S>, options: JobOptions = {}): void {
    const { jobs } = this.services;
    jobs.supply(service, jobs.refOf(service, name) ?? this.find(JOB_TYPES[service], name).ref, run, options);
  }

  /** Every line that such a function wrote, and every error that it threw, in order. */
  get jobLogs(): readonly JobLogLine[] {
    return this.services.jobs.logs;
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

  /** The runs of Distributed Maps, in the order of their starts. */
  mapRuns(): readonly MapRun[] {
    return this.engine.mapRuns();
  }

  /** Stops workers and closes sockets. */
  async dispose(): Promise<void> {
    await this.services?.dispose();
    await this.functions?.dispose();
    await this.gateway?.close();
  }
}
