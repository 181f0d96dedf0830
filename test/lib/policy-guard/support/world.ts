import { App, Duration, aws_iam as iam, Stack, aws_sns as sns, aws_sns_subscriptions as subscriptions } from 'aws-cdk-lib';
import { Approver, OnViolation, PolicyGuard, type PolicyGuardProps, RestrictedAction } from '../../../../lib';
import { ApproverAtWork, type Assembly, type Json, LocalCloud, LocalDriver, type LocalRun } from '../../../../local';
import type { WarmStart } from '../../../../local/warm-start';

export const ADMIN = 'admin@example.com';
export const TEAM = 'team@example.com';
export const CONTAIN = OnViolation.contain({ approver: Approver.email(ADMIN), expiresIn: Duration.days(1) });

export const grant = (action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
export const BAD = grant('iam:Pass*');
export const GOOD = grant('s3:GetObject');

/** A stack with a guard, and with people and policies to guard. */
export function guardStack(
  props: Partial<PolicyGuardProps> = {},
  region: string | undefined = 'us-east-1',
): { stack: Stack; guard: PolicyGuard } {
  const stack = new Stack(new App(), 'Test', { env: { region } });
  const reportTopic = new sns.Topic(stack, 'Reports');
  reportTopic.addSubscription(new subscriptions.EmailSubscription(TEAM));
  const guard = new PolicyGuard(stack, 'Guard', {
    reportTopic,
    restrictedActions: [...RestrictedAction.privilegeEscalation(), RestrictedAction.of('organizations:*')],
    breakGlassPrincipals: ['arn:aws:iam::*:user/glass'],
    ...props,
  });
  new iam.User(stack, 'Dev', { userName: 'dev' });
  new iam.User(stack, 'Glass', { userName: 'glass' });
  new iam.Group(stack, 'Devs', { groupName: 'devs' });
  const role = new iam.Role(stack, 'App', { roleName: 'app', assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  const statements = [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })];
  new iam.ManagedPolicy(stack, 'Shared', { managedPolicyName: 'shared', statements, roles: [role] });
  return { stack, guard };
}

export const SHARED = 'arn:aws:iam::123456789012:policy/shared';

/** A cloud with the guard in it, and what a test does and sees there. */
export class GuardWorld {
  static async deploy(assembly: Assembly, warm?: WarmStart): Promise<GuardWorld> {
    return new GuardWorld(await LocalCloud.deploy(assembly, { warm }));
  }

  readonly driver: LocalDriver;

  private constructor(readonly cloud: LocalCloud) {
    this.driver = new LocalDriver(cloud);
  }

  /** A call of IAM, with all that it sets off. */
  async iam<T = unknown>(operation: string, input: Record<string, unknown>): Promise<T> {
    const answer = await this.cloud.operate<T>('iam', operation, input);
    await this.cloud.clock.settle();
    return answer;
  }

  /** The last run that looked at more than a call of the guard itself. */
  get run(): LocalRun {
    const [last] = this.runs.slice(-1);
    if (!last) throw new Error('the guard has not run');
    return last;
  }

  /** The runs about calls of others. */
  get runs(): readonly LocalRun[] {
    return this.cloud.stateMachine('Test/Guard').runs.filter(({ input }) => !/assumed-role/.test(JSON.stringify(input)));
  }

  /** The status that the run ended with. */
  async ended(run: LocalRun = this.run): Promise<Json> {
    await run.finished();
    if (run.status !== 'SUCCEEDED') return `${run.status} ${run.error}: ${run.cause}`;
    return (run.output as { status: string }).status;
  }

  async decide(decision: 'APPROVED' | 'REJECTED'): Promise<void> {
    const { status, body } = await new ApproverAtWork(this.driver, ADMIN).decide(decision, 'said so');
    if (status !== 200) throw new Error(`the page answered ${status}: ${body}`);
  }

  /** Subjects of what the team got. */
  get told(): string[] {
    return this.cloud.outbox.filter(({ to }) => to === TEAM).map(({ subject }) => subject);
  }

  async quarantined(type: string, name: string): Promise<boolean> {
    const { AttachedPolicies } = await this.iam<{ AttachedPolicies: { PolicyArn: string }[] }>(`ListAttached${type}Policies`, {
      [`${type}Name`]: name,
    });
    return AttachedPolicies.some(({ PolicyArn }) => PolicyArn === this.quarantineArn);
  }

  get quarantineArn(): string {
    return this.cloud.find('AWS::IAM::ManagedPolicy', 'Test/Guard/Quarantine').ref;
  }

  get evidence(): Record<string, Json>[] {
    const bucket = this.cloud.bucket('Test/Guard/Evidence');
    return bucket.keys('cases/').map((key) => bucket.json(key) as Record<string, Json>);
  }

  get holds(): readonly string[] {
    return this.cloud.bucket('Test/Guard/Evidence').keys('holds/');
  }

  async defaultVersion(PolicyArn = SHARED): Promise<string> {
    const { Policy } = await this.iam<{ Policy: { DefaultVersionId: string } }>('GetPolicy', { PolicyArn });
    return Policy.DefaultVersionId;
  }
}
