import {
  Duration,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_iam as iam,
  type aws_kms as kms,
  type RemovalPolicy,
  aws_stepfunctions as sfn,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import { acknowledgeWildcards } from '../../core/acknowledge-wildcards';
import { assertNotIgnored } from '../../core/assert-not-ignored';
import { dataRemovalPolicy } from '../../core/data-removal';
import { describeExecutions } from '../../core/describe-executions';
import { handlerAsset } from '../../core/handler-asset';
import { HandlerFunction } from '../../core/handler-function';
import { tableKeyStatement } from '../../core/table-key-statement';
import { workflowTable } from '../../core/workflow-table';
import type { LeaseHoldProps } from './lease-hold-props';
import { LeaseStep } from './lease-step';

/** Properties of `Lease`. */
export interface LeaseProps {
  /**
   * The table of leases: partition key `key` (text), sort key `slot` (number), a global secondary index `execution` with the partition key
   * `execution` (text) that projects `holder`, and `ttl` as its time-to-live attribute. Runs that share a table share its keys.
   * @default - a new table
   */
  readonly table?: dynamodb.ITable;
  /** Encrypts a new table. @default - the AWS managed key of DynamoDB */
  readonly encryptionKey?: kms.IKey;
  /** What becomes of a new table when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** The index by which the leases of a run are found. */
const BY_EXECUTION = 'execution';

/**
 * A lock, or a semaphore, around steps of anybody's workflow: `lease.hold(…)` gives steps that take a lease, do yours, and give it back.
 *
 * A lease is a row of a table with its holder, its expiry and a fencing token, which grows each time the lease is taken. One conditional
 * write takes it. It is given back when the steps end or fail; when the run is stopped, times out or ends in a way that nothing inside
 * it sees, a function does that on EventBridge's word; should that word get lost, the next one who wants the lease finds that its holder
 * no longer runs. What is left is the expiry. So no lease stays for ever.
 */
export class Lease extends Construct {
  /**
   * JSONata for the fencing token of a lease, for use within its steps: a number that grows each time that the lease is taken. Give it to
   * what the lease protects, which has to refuse a smaller one than it has seen.
   * @param name as given to `hold`
   */
  public static fencingToken(name: string): string {
    return `{% $${LeaseStep._variable(name)}.fencingToken %}`;
  }

  /** The leases. */
  public readonly table: dynamodb.ITable;
  /** Takes leases that others hold or held: waits for them, and takes over those of runs that have ended. */
  public readonly contendFunction: HandlerFunction;
  /** Gives back what a run held when it ended. */
  public readonly releaseFunction: HandlerFunction;
  private readonly holds: string[] = [];
  private readonly machines = new Set<sfn.StateMachine>();

  constructor(scope: Construct, id: string, props: LeaseProps = {}) {
    super(scope, id);
    const { encryptionKey, removalPolicy } = props;
    if (props.table) assertNotIgnored({ encryptionKey, removalPolicy }, 'the leases are in the table that is supplied');
    this.table = props.table ?? this.makeTable(props);
    this.contendFunction = this.handler('contend', 'Takes a lease that others hold or held', 'dynamodb:Query', 'dynamodb:UpdateItem');
    this.releaseFunction = this.handler('release', 'Gives back the leases of a run that has ended', 'dynamodb:UpdateItem');
    this.allow(this.releaseFunction.role, `${this.table.tableArn}/index/${BY_EXECUTION}`, 'dynamodb:Query');
    this.node.addValidation({
      validate: () =>
        this.holds.length > 0 && this.machines.size === 0
          ? [
              `the lease has the steps ${this.holds.map((name) => `'${name}'`).join(', ')} but no state machine may run them: call grantHold(stateMachine) with the one that does`,
            ]
          : [],
    });
  }

  /**
   * Fresh steps that hold a lease while yours run.
   *
   * - Input: any. Your steps get it, with the variable `$lease_<name>`: `{ key, slot, holder, fencingToken, expiresAt }`.
   * - Output: what your steps give.
   * - Errors: `LeaseBusy`, without `onBusy` (the cause says who holds it, and until when); `LeaseLost` when the steps were done, but took
   *   longer than `leaseFor` and another had taken the lease meanwhile; what your steps fail with, unchanged, after the lease was given back.
   *   A lease that can't be given back ends no run: it lapses when the run ends. `LeasesUnavailable` or DynamoDB's error when it can't be
   *   taken, after retries.
   *
   * Costs four state transitions; one more when the lease is or was held by another, and one for each try while waiting.
   *
   * @param name of the state that has your steps, unique in the state machine: a letter, then up to 59 letters, digits or underscores
   */
  public hold(name: string, props: LeaseHoldProps): sfn.StateMachineFragment {
    this.holds.push(name);
    // The state's name may come again in another state machine; the construct's id may not.
    return new LeaseStep(this, `Hold${this.holds.length}`, name, props, this.table, this.contendFunction.alias);
  }

  /**
   * Lets a state machine run the steps, and has what its runs still hold given back when they end. Without it the app does not synthesize.
   * @throws for an Express workflow, whose end nobody is told of
   */
  public grantHold(stateMachine: sfn.StateMachine): void {
    if (this.machines.has(stateMachine)) return;
    if (stateMachine.stateMachineType === sfn.StateMachineType.EXPRESS) {
      throw new Error(
        `${stateMachine.node.path} is an Express workflow, which tells nobody when it is stopped, so that its leases would stay: set its stateMachineType to STANDARD`,
      );
    }
    this.machines.add(stateMachine);
    const number = this.machines.size;
    if (this.table.encryptionKey) {
      const policy = new iam.Policy(this, `KeyPolicy${number}`, {
        roles: [stateMachine.role],
        statements: [tableKeyStatement(this.table.encryptionKey)],
      });
      stateMachine.node.defaultChild?.node.addDependency(policy);
    }
    this.letDescribe(stateMachine, number);
    const rule = new events.Rule(this, `Ended${number}`, {
      description: 'Runs that have ended, whose leases are given back',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [stateMachine.stateMachineArn], status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [new targets.LambdaFunction(this.releaseFunction.alias)],
    });
    acknowledge(rule, 'Serverless-EventBusDLQ', 'Who wants the lease next asks whether its holder still runs, and it expires.');
  }

  /** A policy of its own: the state machine calls the function, whose default policy must not wait for the state machine. */
  private letDescribe(stateMachine: sfn.StateMachine, number: number): void {
    const policy = new iam.Policy(this, `DescribePolicy${number}`, {
      roles: [this.contendFunction.role, this.releaseFunction.role],
      statements: [describeExecutions(this, stateMachine)],
    });
    acknowledgeWildcards(policy, 'Executions of one state machine; their names are made when they start.');
  }

  private makeTable(props: LeaseProps): dynamodb.Table {
    const table = workflowTable(this, 'Leases', props.encryptionKey, {
      partitionKey: { name: 'key', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'slot', type: dynamodb.AttributeType.NUMBER },
      timeToLiveAttribute: 'ttl',
      removalPolicy: dataRemovalPolicy(this, props.removalPolicy),
    });
    // Sparse: only leases that are held have the attribute.
    table.addGlobalSecondaryIndex({
      indexName: BY_EXECUTION,
      partitionKey: { name: BY_EXECUTION, type: dynamodb.AttributeType.STRING },
      projectionType: dynamodb.ProjectionType.INCLUDE,
      nonKeyAttributes: ['holder'],
    });
    return table;
  }

  private handler(name: string, description: string, ...actions: string[]): HandlerFunction {
    const handler = new HandlerFunction(this, name[0].toUpperCase() + name.slice(1), {
      code: handlerAsset(`lib/blocks/lease/${name}`),
      description,
      environment: { TABLE_NAME: this.table.tableName },
      timeout: Duration.seconds(30),
    });
    this.allow(handler.role, this.table.tableArn, ...actions);
    if (this.table.encryptionKey) handler.role.addToPrincipalPolicy(tableKeyStatement(this.table.encryptionKey));
    return handler;
  }

  /** Not `table.grant`, which would add every index. */
  private allow(role: iam.IRole, resource: string, ...actions: string[]): void {
    role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource] }));
  }
}
