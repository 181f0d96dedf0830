import { Duration, aws_iam as iam, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Approver, OnViolation, PolicyGuard, RestrictedAction } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { Drill } from './drill';

/** Properties of `PolicyGuardStack`. */
export interface PolicyGuardStackProps extends StackProps {
  /** Asked whether a policy may have its force. @default "administrator@example.com" */
  readonly administrator?: string;
  /** Told of violations, and of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/** Nobody gives more permissions than an administrator has approved, but the deployment and the user for emergencies. For us-east-1. */
export class PolicyGuardStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { administrator = 'administrator@example.com', operator, ...props }: PolicyGuardStackProps = {},
  ) {
    super(scope, id, props);
    const glass = new iam.User(this, 'BreakGlass');
    const role = new iam.Role(this, 'Application', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const topic = operatorTopic(this, operator);
    const identities = {
      notificationTopic: topic,
      glass,
      role,
      user: new iam.User(this, 'Developer'),
      group: new iam.Group(this, 'Developers'),
      policy: new iam.ManagedPolicy(this, 'Shared', {
        roles: [role],
        statements: [
          new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.formatArn({ service: 'sqs', resource: 'orders' })] }),
        ],
      }),
    };
    new Drill(this, 'Drill', identities);
    const deployment = new Drill(this, 'Deployment', { ...identities, calls: ['PutRolePolicy'] });
    new PolicyGuard(this, 'Guard', {
      restrictedActions: [...RestrictedAction.privilegeEscalation(), RestrictedAction.of('organizations:*')],
      onViolation: OnViolation.contain({ approver: Approver.email(administrator), expiresIn: Duration.days(1) }),
      exemptPrincipals: [deployment.role.roleArn],
      breakGlassPrincipals: [glass.userArn],
      reportTopic: topic,
      notificationTopic: topic,
    });
  }
}
