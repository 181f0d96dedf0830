import {
  Duration,
  type aws_iam as iam,
  Stack,
  aws_stepfunctions as sfn,
  type aws_sns as sns,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { InputField, InputValidation, ObservedStateMachine, TransientRetry } from '../../lib';

/** Whose policies are written. */
export interface DrillProps {
  readonly user: iam.IUser;
  /** For emergencies. */
  readonly glass: iam.IUser;
  readonly role: iam.IRole;
  readonly group: iam.IGroup;
  readonly policy: iam.IManagedPolicy;
  /** Told of drills that failed. */
  readonly notificationTopic: sns.ITopic;
  /** Which calls may be made. @default - all */
  readonly calls?: readonly string[];
}

/**
 * Somebody who writes policies: `{ call, document }`. So a scenario, or a game day in a real account, can break the rules without a person's keys. It may write the
 * policies of four identities that nobody uses, and of one policy.
 */
export class Drill extends Construct {
  public readonly role: iam.IRole;

  constructor(scope: Construct, id: string, { user, glass, role, group, policy, notificationTopic, calls: wanted }: DrillProps) {
    super(scope, id);
    const administrator = Stack.of(this).formatArn({
      service: 'iam',
      region: '',
      account: 'aws',
      resource: 'policy',
      resourceName: 'AdministratorAccess',
    });
    const inline = { PolicyName: 'drill', PolicyDocument: '{% $states.input.document %}' };
    const known: Record<string, () => tasks.CallAwsService> = {
      PutUserPolicy: () => this.call('putUserPolicy', user.userArn, { UserName: user.userName, ...inline }),
      PutGlassPolicy: () => this.call('putUserPolicy', glass.userArn, { UserName: glass.userName, ...inline }, 'putGlassPolicy'),
      PutRolePolicy: () => this.call('putRolePolicy', role.roleArn, { RoleName: role.roleName, ...inline }),
      PutGroupPolicy: () => this.call('putGroupPolicy', group.groupArn, { GroupName: group.groupName, ...inline }),
      AttachUserPolicy: () => this.call('attachUserPolicy', user.userArn, { UserName: user.userName, PolicyArn: administrator }),
      CreatePolicyVersion: () =>
        this.call('createPolicyVersion', policy.managedPolicyArn, {
          PolicyArn: policy.managedPolicyArn,
          PolicyDocument: inline.PolicyDocument,
          SetAsDefault: true,
        }),
    };
    const calls = wanted ?? Object.keys(known);
    const input = new InputValidation(this, 'Input', {
      fields: {
        call: InputField.ofString({ oneOf: [...calls] }),
        document: InputField.ofString({ maxLength: 10_240, optional: true }),
      },
    });
    const choice = sfn.Choice.jsonata(this, 'Which');
    for (const call of calls) choice.when(sfn.Condition.jsonata(`{% $states.input.call = "${call}" %}`), known[call]());
    const { stateMachine, role: own } = new ObservedStateMachine(this, 'Workflow', {
      definition: input.next(choice),
      notificationTopic,
      stateMachineType: sfn.StateMachineType.STANDARD,
      timeout: Duration.minutes(5),
      comment: 'Writes a policy, for the guard to judge',
    });
    stateMachine.node.addDependency(policy);
    this.role = own;
  }

  private call(action: string, resource: string, parameters: Record<string, unknown>, name = action): tasks.CallAwsService {
    const task = tasks.CallAwsService.jsonata(this, name[0].toUpperCase() + name.slice(1), {
      service: 'iam',
      action,
      parameters,
      iamResources: [resource],
      taskTimeout: sfn.Timeout.duration(Duration.seconds(30)),
      outputs: '{% $states.input %}',
    });
    task.addRetry({ ...TransientRetry.forLambda(), errors: ['Iam.IamException', 'Iam.ServiceFailureException', 'Iam.SdkClientException'] });
    return task;
  }
}
