import {
  aws_dynamodb as dynamodb,
  aws_iam as iam,
  type aws_kms as kms,
  type RemovalPolicy,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../../core/acknowledge-wildcards';
import { assertNotIgnored } from '../../core/assert-not-ignored';
import { dataRemovalPolicy } from '../../core/data-removal';
import { describeExecutions } from '../../core/describe-executions';
import { tableKeyStatement } from '../../core/table-key-statement';
import { workflowTable } from '../../core/workflow-table';
import { assertKey, keyExpression, ROW, ROW_RETRY, ROW_TIMEOUT, rowKey } from './item-row';
import type { LedgerOnceProps } from './ledger-once-props';
import type { LedgerStatusProps } from './ledger-status-props';
import { OnceStep } from './once-step';

/** Properties of `Ledger`. */
export interface LedgerProps {
  /** The table of items: partition key `key` (text), sort key `step` (text), and `ttl` as its time-to-live attribute. @default - a new table */
  readonly table?: dynamodb.ITable;
  /** Encrypts a new table. @default - the AWS managed key of DynamoDB */
  readonly encryptionKey?: kms.IKey;
  /** What becomes of a new table when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Does steps once for each item, and knows how each item stands: `ledger.once(…)` gives steps that claim an item, do yours, and keep what
 * they gave, for anybody's workflow. A repetition gets what was kept; after a failure the steps are done again.
 *
 * Nobody can do a thing exactly once that is not in the same table: a run that ends between the side effect and the record has its steps
 * done again by the next one. Give what they call the item's key, so that it can tell.
 */
export class Ledger extends Construct {
  /** The items. */
  public readonly table: dynamodb.ITable;
  private readonly steps: string[] = [];
  private readonly machines = new Set<sfn.StateMachine>();
  private readers = 0;

  constructor(scope: Construct, id: string, props: LedgerProps = {}) {
    super(scope, id);
    const { encryptionKey, removalPolicy } = props;
    if (props.table) assertNotIgnored({ encryptionKey, removalPolicy }, 'the items are in the table that is supplied');
    this.table = props.table ?? this.makeTable(props);
    this.node.addValidation({
      validate: () =>
        this.steps.length > 0 && this.machines.size === 0
          ? [
              `the ledger has the steps ${this.steps.map((step) => `'${step}'`).join(', ')} but no state machine may run them: call grantRun(stateMachine) with the one that does`,
            ]
          : [],
    });
  }

  /**
   * Fresh steps that do yours once for each key.
   *
   * - Input: any. Your steps get it, with the variable `$ledger_<name>`: `{ key, attempt, attempts }`, `attempts` being 1 the first time.
   * - Output: what your steps give, or `result` of it; for a repetition what they gave then.
   * - Errors: what your steps fail with, unchanged, after it was recorded; for one of `businessErrors` a repetition fails with the same.
   *   `ItemInProgress`, without `onInProgress`, while another run does the steps. `ItemSuperseded` when the steps were done, but took longer
   *   than `leaseFor` and another run does them again. DynamoDB's error when the end can't be recorded, after retries.
   *
   * Costs four state transitions, also for a repetition; more when it finds the item in progress.
   *
   * @param name of the state that has your steps, unique in the state machine: a letter, then up to 59 letters, digits or underscores
   */
  public once(name: string, props: LedgerOnceProps): sfn.StateMachineFragment {
    this.steps.push(name);
    // The state's name may come again in another state machine; the construct's id may not.
    return new OnceStep(this, `Once${this.steps.length}`, name, props, this.table);
  }

  /**
   * A fresh step that looks an item up.
   *
   * - Input: an object.
   * - Output: the input with what is known under `outcomeField`: `{ status, result?, error?, cause?, execution?, attempt?, attempts?,
   *   startedAt?, finishedAt? }`. `status` is `NONE`, `IN_PROGRESS`, `DONE`, `FAILED` or `REJECTED`; An item in progress
   *   whose run has ended stays `IN_PROGRESS` until somebody wants it done.
   */
  public status(name: string, props: LedgerStatusProps): sfn.TaskStateBase {
    this.steps.push(name);
    assertKey(props.key);
    const field = props.outcomeField ?? 'item';
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(field)) {
      throw new Error(`outcomeField '${field}' of '${name}' is no field name: a letter, then letters, digits or underscores`);
    }
    return tasks.DynamoGetItem.jsonata(new Construct(this, `Status${this.steps.length}`), name, {
      table: this.table,
      key: rowKey(keyExpression(props.key), props.step),
      consistentRead: true,
      taskTimeout: ROW_TIMEOUT,
      outputs: `{% $merge([$states.input, { "${field}": ${ROW} }]) %}`,
    }).addRetry(ROW_RETRY);
  }

  /** Lets a state machine run the steps, and ask about the runs of all that do. Without it the app does not synthesize. */
  public grantRun(stateMachine: sfn.StateMachine): void {
    if (this.machines.has(stateMachine)) return;
    this.machines.add(stateMachine);
    if (this.table.encryptionKey) {
      const keyPolicy = new iam.Policy(this, `KeyPolicy${this.machines.size}`, {
        roles: [stateMachine.role],
        statements: [tableKeyStatement(this.table.encryptionKey)],
      });
      stateMachine.node.defaultChild?.node.addDependency(keyPolicy);
    }
    for (const other of this.machines) {
      this.allowDescribe(stateMachine, other);
      if (other !== stateMachine) this.allowDescribe(other, stateMachine);
    }
  }

  /** Lets a role read items by key and step. */
  public grantRead(role: iam.IRole): void {
    new iam.Policy(this, `ReadPolicy${++this.readers}`, {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [this.table.tableArn] }),
        ...(this.table.encryptionKey
          ? [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.table.encryptionKey.keyArn] })]
          : []),
      ],
    });
  }

  /** In a policy of its own: it may name the state machine itself, which therefore can't wait for it. */
  private allowDescribe(asking: sfn.StateMachine, asked: sfn.StateMachine): void {
    // Express runs can't be described.
    if (asked.stateMachineType === sfn.StateMachineType.EXPRESS) return;
    const id = `DescribePolicy${[...this.machines].indexOf(asking) + 1}`;
    const policy = (this.node.tryFindChild(id) as iam.Policy | undefined) ?? new iam.Policy(this, id, { roles: [asking.role] });
    policy.addStatements(describeExecutions(this, asked));
    acknowledgeWildcards(policy, 'Executions of one state machine; their names are made when they start.');
  }

  private makeTable(props: LedgerProps): dynamodb.Table {
    return workflowTable(this, 'Items', props.encryptionKey, {
      partitionKey: { name: 'key', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'step', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      removalPolicy: dataRemovalPolicy(this, props.removalPolicy),
    });
  }
}
