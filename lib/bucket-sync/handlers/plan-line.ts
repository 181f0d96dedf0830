/** An object as a listing has it. */
export interface ObjectState {
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  /** When it was written: ISO 8601, whole seconds. */
  readonly modified: string;
}

/** `copy`: the destination lacks it. `replace`: it has another one. `delete`: the source lacks it. `skip`: nothing is done. */
export type Action = 'copy' | 'replace' | 'delete' | 'skip';

/**
 * Why. Of `copy`: `missing`. Of `replace`: what differs. Of `skip`: by what the two are known to be the same, `copy` being the source's ETag that
 * an earlier run left on its copy; or `orphaned`, when nothing may be deleted. Of `delete`: `orphaned`.
 */
export type Reason = 'missing' | 'size' | 'etag' | 'checksum' | 'time' | 'copy' | 'orphaned';

/** One line of a plan: what is to be done with one key. */
export interface PlanLine {
  readonly action: Action;
  /** Below the prefixes of source and destination. */
  readonly key: string;
  readonly reason: Reason;
  readonly source?: ObjectState;
  readonly destination?: ObjectState;
}
