import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TransientRetry } from '../../core/transient-retry';

/** A state that tells somebody, with what follows when it can't. */
export class NotificationStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  constructor(scope: Construct, id: string, name: string, mustArrive: boolean, make: (scope: Construct) => sfn.TaskStateBase) {
    super(scope, id);
    const task = make(this);
    task.addRetry({ errors: ['States.QueryEvaluationError'], maxAttempts: 0 });
    // There are no business errors in telling: any other may pass.
    task.addRetry({ ...TransientRetry.forLambda(), errors: ['States.ALL'] });
    this.startState = task;
    this.endStates = [task];
    if (mustArrive) return;
    const notSent = sfn.Pass.jsonata(this, `${name}NotSent`, { comment: 'Nobody was told. The work goes on.' });
    task.addCatch(notSent, { errors: ['States.ALL'], outputs: '{% $states.input %}' });
    this.endStates.push(notSent);
  }
}
