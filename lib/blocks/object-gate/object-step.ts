import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TransientRetry } from '../../core/transient-retry';
import type { ObjectStepProps } from './object-step-props';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html `TimeoutSeconds` */
const LONGEST_TASK_SECONDS = 99_999_999;

/** The states of `ObjectGate.step`, which states their contract. */
export class ObjectStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  constructor(scope: Construct, id: string, name: string, props: ObjectStepProps, wait: lambda.IFunction) {
    super(scope, id);
    assertStep(name, props);
    const { outcomeField: field = 'object', timeout } = props;
    const task = tasks.LambdaInvoke.jsonata(this, name, {
      comment: 'Waits for data. The token stays between Step Functions and the gate.',
      lambdaFunction: wait,
      integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      taskTimeout: sfn.Timeout.duration(timeout),
      retryOnServiceExceptions: false,
      payload: sfn.TaskInput.fromObject({
        taskToken: '{% $states.context.Task.Token %}',
        executionArn: '{% $states.context.Execution.Id %}',
        step: name,
        enteredAt: '{% $states.context.State.EnteredTime %}',
        timeoutSeconds: timeout.toSeconds(),
        bucket: props.bucket.bucketName,
        match: props.match._payload,
      }),
      outputs: `{% $merge([$states.input, { "${field}": $states.result }]) %}`,
    });
    task.addRetry(TransientRetry.forLambda());
    // Thrown by the function when S3 or DynamoDB could not be reached.
    task.addRetry({ ...TransientRetry.forLambda(), errors: ['ObjectCheckFailed'], interval: Duration.seconds(2) });
    const missing =
      props.onMissing._steps ??
      sfn.Fail.jsonata(this, `${name}Missing`, { error: 'ObjectMissing', cause: `{% $states.input.${field}.reason %}` });
    task.addCatch(missing, {
      errors: ['States.Timeout'],
      outputs: `{% $merge([$states.input, { "${field}": { "status": "MISSING", "reason": "nothing that '${name}' waits for had arrived after ${timeout.toHumanString()}" } }]) %}`,
    });
    this.startState = task;
    this.endStates = task.endStates;
  }
}

function assertStep(name: string, { outcomeField, timeout }: ObjectStepProps): void {
  if (outcomeField !== undefined && !/^[A-Za-z][A-Za-z0-9_]*$/.test(outcomeField)) {
    throw new Error(
      `outcomeField '${outcomeField}' of the object step '${name}' is no field name: a letter, then letters, digits or underscores`,
    );
  }
  const seconds = timeout.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < 60 || seconds > LONGEST_TASK_SECONDS) {
    throw new Error(
      `timeout of the object step '${name}' is ${timeout.toHumanString()}: give whole seconds, from one minute to ${LONGEST_TASK_SECONDS} seconds`,
    );
  }
}
