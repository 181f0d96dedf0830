/** The seam between the Lambda service and the code that runs handlers. */
export interface FunctionConfiguration {
  readonly arn: string;
  readonly name: string;
  /** Construct path, where the template has it: an error names the function by it. */
  readonly path?: string;
  readonly roleArn: string;
  /** `file.export`. */
  readonly handler: string;
  /** `nodejs24.x` … */
  readonly runtime: string;
  /** Folder of the unpacked asset; a .zip file is unpacked. */
  readonly codeDirectory: string;
  /**
   * Code that stands in the template (`ZipFile`): the text of `index.js`, in place of the folder. CommonJS only:
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
   */
  readonly inlineCode?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Folders (or .zip files) of the layers, in their order. */
  readonly layerDirectories?: readonly string[];
  /** What the local runner can't run of it, said when it is invoked: "functions from container images". */
  readonly unsupported?: string;
  /** `$LATEST` when absent. */
  readonly version?: string;
}

export interface InvocationResult {
  /** JSON text: the handler's result, or `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  /** Set when the handler threw, timed out or crashed. */
  readonly functionError?: 'Unhandled';
  readonly requestId: string;
  /** Lines that the handler wrote, in order. */
  readonly logs: readonly string[];
}

/** `crash`: the process dies. `timeout`: as if the function's time were over; none passes. */
export type Interruption = 'crash' | 'timeout';

/** Nothing runs any more: the cloud has been disposed of. */
export class RuntimeDisposed extends Error {
  constructor(what: string) {
    super(`${what} after the runtime was disposed of`);
    this.name = 'RuntimeDisposed';
  }
}

export interface FunctionRuntime {
  /** `payload` is JSON text. Never rejects for what the handler does; rejects for what the runner can't do (an unknown runtime). */
  invoke(fn: FunctionConfiguration, payload: string): Promise<InvocationResult>;
  /** Ends an invocation that runs: its environment dies, or its time is over. Nothing happens to one that has ended. */
  interrupt?(traceId: string, as: Interruption): void;
  dispose(): Promise<void>;
}
