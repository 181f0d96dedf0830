import type { Json } from '../cloud-types';
import type { Invocation, StandIn } from '../recorded-functions';
import type { OperatedCloud } from './operated-cloud';

/** A deployed Lambda function. */
export class LocalFunction {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly name: string,
    private readonly standIns: Map<string, StandIn>,
  ) {}

  /**
   * Invokes it and waits for the answer.
   * @throws the handler's error: its `name` is the error type
   */
  async invoke(payload: Json = {}): Promise<Json> {
    const { Payload, FunctionError } = await this.cloud.operate<{ Payload: Uint8Array; FunctionError?: string }>('lambda', 'Invoke', {
      FunctionName: this.name,
      Payload: Buffer.from(JSON.stringify(payload)),
    });
    const answer = JSON.parse(Buffer.from(Payload).toString('utf8'));
    if (FunctionError === undefined) return answer;
    throw Object.assign(new Error(answer.errorMessage), { name: answer.errorType ?? FunctionError });
  }

  /** What it was given and what it answered, in the order of the invocations' ends. */
  get invocations(): readonly Invocation[] {
    return this.cloud.invocations.filter(({ functionName }) => functionName === this.name);
  }

  /** Every line that its handler wrote. */
  get logs(): readonly string[] {
    return this.invocations.flatMap(({ logs }) => logs);
  }

  /**
   * Runs this in the function's place from now on: for what can't be run here, such as another language, or what a test wants the
   * function to say. An error that it throws is the function's error. Calls that it makes have no role and aren't checked.
   */
  replaceWith(standIn: StandIn): void {
    this.standIns.set(this.name, standIn);
  }
}
