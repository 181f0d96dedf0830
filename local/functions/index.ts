export { MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES } from './failures';
export { createFunctionRuntime, type FunctionRuntimeOptions } from './runtime';
export type { FunctionConfiguration, FunctionRuntime, InvocationResult } from './types';
