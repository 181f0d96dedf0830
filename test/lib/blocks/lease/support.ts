import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, aws_lambda as lambda, Stack, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { HandlerFunction, Lease, type LeaseHoldProps, type LeaseProps, ObservedStateMachine } from '../../../../lib';
import { type Assembly, loadAssembly } from '../../../../local';

export const TEN_MINUTES = Duration.minutes(10);

/** A stack with a lease and a function `Work` that steps call. */
export class World {
  private readonly outdir = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
  private readonly app = new App({ outdir: this.outdir });
  readonly stack = new Stack(this.app, 'Test');
  readonly lease: Lease;
  readonly work: lambda.IFunction;

  constructor(props?: LeaseProps) {
    this.lease = new Lease(this.stack, 'Lease', props);
    this.work = new HandlerFunction(this.stack, 'Work', { code: lambda.Code.fromInline('//') }).alias;
  }

  /** Calls `Work` with `{ what, run, token, input }`, `run` being the execution's name. */
  call(id: string, what: string, hold = 'Hold'): tasks.LambdaInvoke {
    return tasks.LambdaInvoke.jsonata(this.stack, id, {
      lambdaFunction: this.work,
      retryOnServiceExceptions: false,
      taskTimeout: sfn.Timeout.duration(Duration.seconds(30)),
      payload: sfn.TaskInput.fromObject({
        what,
        run: '{% $states.context.Execution.Name %}',
        token: Lease.fencingToken(hold),
        input: '{% $states.input %}',
      }),
      outputs: '{% $states.input %}',
    });
  }

  /** Begins, takes so many seconds as the input says, ends. */
  steps(id: string): sfn.Chain {
    const wait = sfn.Wait.jsonata(this.stack, `${id}Wait`, {
      time: sfn.WaitTime.timestamp('{% $fromMillis($millis() + $states.input.seconds * 1000) %}'),
    });
    return this.call(`${id}Begin`, 'begin')
      .next(wait)
      .next(this.call(`${id}End`, 'end'));
  }

  /** A state machine that does them while it holds the key of its input. */
  machine(id: string, hold: Partial<LeaseHoldProps> = {}, timeout?: Duration): sfn.StateMachine {
    return this.run(
      id,
      this.lease.hold('Hold', { key: '{% $states.input.key %}', leaseFor: TEN_MINUTES, steps: hold.steps ?? this.steps(id), ...hold }),
      timeout,
    );
  }

  run(id: string, definition: sfn.IChainable, timeout?: Duration): sfn.StateMachine {
    const { stateMachine } = new ObservedStateMachine(this.stack, id, {
      definition,
      timeout,
      stateMachineType: sfn.StateMachineType.STANDARD,
    });
    this.lease.grantHold(stateMachine);
    return stateMachine;
  }

  /** Synthesized once; gone after the test file. */
  assembly(): Promise<Assembly> {
    afterAll(() => rmSync(this.outdir, { recursive: true, force: true }));
    this.app.synth();
    return loadAssembly(this.outdir);
  }
}
