export declare const LAPS: number;
export declare const TRANSITIONS: number;
export declare const definition: object;
export declare const LOADS: readonly { readonly executions: number; readonly concurrency: number }[];
export declare function add(input: { n: number }): Promise<{ n: number }>;
export declare function measure(
  load: { readonly executions: number; readonly concurrency: number },
  start: () => Promise<unknown>,
): Promise<void>;
