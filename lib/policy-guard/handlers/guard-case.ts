import type { Entity, Target } from './record';

/** What takes the force of a policy away without changing it. */
export type Containment =
  | { readonly kind: 'VERSION'; readonly policyArn: string; readonly from: string; readonly to: string }
  | { readonly kind: 'QUARANTINE'; readonly entities: readonly Entity[] }
  | { readonly kind: 'NONE'; readonly reason: string };

/**
 * - `COMPLIANT`: the policy grants nothing that is restricted. `IGNORED`: the call is none to look at; `reason` says why.
 * - `VIOLATION`, `MALFORMED`: it does, or nobody can say.
 * - `EXEMPT`, `BREAK_GLASS`: the same, by somebody who may.
 * - `TAMPERED`: a policy of the guard itself was written.
 */
export type CaseStatus = 'COMPLIANT' | 'IGNORED' | 'VIOLATION' | 'MALFORMED' | 'EXEMPT' | 'BREAK_GLASS' | 'TAMPERED';

/** What the first function found, and the others go by. */
export interface GuardCase {
  readonly id: string;
  readonly status: CaseStatus;
  readonly call: string;
  readonly actor: string;
  readonly at: string;
  /** What people call it; one question at a time is asked about it. */
  readonly policy: string;
  /** Why, in words. */
  readonly reason: string;
  readonly target: Target;
  /** Of the live document; absent where there is none. */
  readonly documentHash?: string;
  /** How the document differs from what takes its place. */
  readonly difference?: string;
  readonly containment: Containment;
  /** What `containment` is, in words. */
  readonly contained: string;
  readonly evidence?: Evidence;
}

/** Where what was found is kept. */
export interface Evidence {
  readonly key: string;
  readonly sha256: string;
  readonly versionId?: string;
}
