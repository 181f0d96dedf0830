import { App, Duration, Stack, aws_s3 as s3, aws_sns as sns, aws_sns_subscriptions as subscriptions } from 'aws-cdk-lib';
import { Approver, ModelApproval, type ModelApprovalProps } from '../../../../lib';
import { ApproverAtWork, LocalCloud, LocalDriver, type LocalRun } from '../../../../local';
import type { WarmStart } from '../../../../local/warm-start';
import { CODE_IN_PLACE } from '../../../support/warm-start';

export const [ANN, BOB, CY, TEAM] = ['ann@example.com', 'bob@example.com', 'cy@example.com', 'team@example.com'];

export interface ModelStack {
  readonly stack: Stack;
  readonly approval: ModelApproval;
  /** What the approval was made with. */
  readonly props: ModelApprovalProps;
}

/** Two buckets and an approval between them; Ann decides, unless told otherwise. */
export function modelStack(props: (stack: Stack) => Partial<ModelApprovalProps> = () => ({})): ModelStack {
  const stack = new Stack(new App(CODE_IN_PLACE), 'Test');
  const given = props(stack);
  const all: ModelApprovalProps = {
    source: given.source ?? new s3.Bucket(stack, 'Training', { versioned: true }),
    destination: given.destination ?? new s3.Bucket(stack, 'Live', { versioned: true }),
    approver: Approver.email(ANN),
    expiresIn: Duration.days(1),
    reportTopic: topic(stack, 'Reports'),
    ...given,
  };
  return { stack, approval: new ModelApproval(stack, 'Models', all), props: all };
}

export function topic(stack: Stack, id: string): sns.Topic {
  const made = new sns.Topic(stack, id, { enforceSSL: true });
  made.addSubscription(new subscriptions.EmailSubscription(TEAM));
  return made;
}

/** A stack at work. */
export class ModelWorld {
  /** @param warm what the worlds of a test file share */
  static async of({ stack }: ModelStack, warm: WarmStart): Promise<ModelWorld> {
    const cloud = await LocalCloud.fromStack(stack, { warm });
    return new ModelWorld(cloud, new LocalDriver(cloud));
  }

  private constructor(
    readonly cloud: LocalCloud,
    readonly driver: LocalDriver,
  ) {}

  /** A training run writes its files, and its manifest. Gives the run that this starts. */
  async train(version: string, files: Readonly<Record<string, string>> = {}, trainedBy = 'dana@example.com'): Promise<LocalRun> {
    const all: Record<string, string> = { 'model.bin': `weights ${version}`, 'metrics.json': '{ "auc": 0.9 }', ...files };
    const manifest = { model: 'churn', version, trainedBy, files: Object.keys(all), diagnostics: 'metrics.json' };
    const folder = `models/churn/${version}/`;
    for (const [name, body] of Object.entries({ ...all, 'manifest.json': JSON.stringify(manifest) }))
      await this.driver.putObject('Test/Training', folder + name, body);
    return this.lastRun();
  }

  async lastRun(machine = 'Test/Models'): Promise<LocalRun> {
    const [last] = (await this.driver.runs(machine)).slice(-1);
    return last;
  }

  async decide(decision: 'APPROVED' | 'REJECTED', person = ANN): Promise<void> {
    const { status, body } = await new ApproverAtWork(this.driver, person).decide(decision);
    if (status !== 200) throw new Error(`the page answered ${status}: ${body}`);
  }

  /** The version that is in force. */
  inForce(bucket = 'Test/Live'): string | undefined {
    const text = this.cloud.bucket(bucket).bytes('models/churn/current.json');
    return text && (JSON.parse(String(text)) as { version: string }).version;
  }

  mailsTo(person: string): string[] {
    return this.cloud.outbox.filter(({ to }) => to === person).map(({ subject }) => subject);
  }
}
