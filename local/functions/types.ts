/** The seam between the Lambda service and the code that runs handlers. */
export interface FunctionConfiguration {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** `file.export`. */
  readonly handler: string;
  /** `nodejs24.x` … */
  readonly runtime: string;
  /** Folder of the unpacked asset; a .zip file is unpacked. */
  readonly codeDirectory: string;
  /** Code that stands in the template (`ZipFile`): the text of `index.js`, in place of the folder. */
  readonly inlineCode?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Folders (or .zip files) of the layers, in their order; their `nodejs/node_modules` is looked in after the asset's own. */
  readonly layerDirectories?: readonly string[];
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

export interface FunctionRuntime {
  /** `payload` is JSON text. Never rejects for what the handler does; rejects for what the runner can't do (an unknown runtime). */
  invoke(fn: FunctionConfiguration, payload: string): Promise<InvocationResult>;
  dispose(): Promise<void>;
}
