/** The Distributed Maps of a state machine, as far as its role's permissions go. */
import type { Machine } from '../engine/types';

export interface DistributedMaps {
  readonly machineArn: string;
  /** Where they export their results; a bucket that an expression names isn't known. */
  readonly results: readonly { readonly bucket: string; readonly prefix?: string }[];
}

/** Those that run under a role. */
export function distributedMapsOf(roleArn: string, machines: Iterable<Machine>): readonly DistributedMaps[] {
  return [...machines].filter((machine) => machine.roleArn === roleArn).flatMap(distributedMapsIn);
}

function distributedMapsIn({ arn, definition }: Machine): DistributedMaps[] {
  const maps = statesOf(definition).filter((state) => state.Type === 'Map' && state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED');
  if (maps.length === 0) return [];
  const results = maps.flatMap(({ ResultWriter }) => {
    const { Bucket, Prefix } = ResultWriter?.Arguments ?? ResultWriter?.Parameters ?? {};
    return isLiteral(Bucket) ? [{ bucket: Bucket, ...(isLiteral(Prefix) && { prefix: Prefix }) }] : [];
  });
  return [{ machineArn: arn, results }];
}

// biome-ignore lint/suspicious/noExplicitAny: typed in lib/asl
type State = any;

/** Those inside Parallel and Map too. */
function statesOf(workflow: State): readonly State[] {
  return Object.values<State>(workflow?.States ?? {}).flatMap((state) => [
    state,
    ...[...(state.Branches ?? []), state.ItemProcessor, state.Iterator].flatMap(statesOf),
  ]);
}

function isLiteral(value: unknown): value is string {
  return typeof value === 'string' && !value.startsWith('{%');
}
