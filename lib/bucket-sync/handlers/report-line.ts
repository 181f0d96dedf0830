import type { Action } from './plan-line';

/** One line of a report: what became of one key. */
export type ReportLine =
  | {
      readonly outcome: 'copied' | 'replaced' | 'present';
      readonly key: string;
      readonly bytes: number;
      readonly sourceEtag?: string;
      /** Of the copy. */
      readonly etag: string;
      readonly versionId?: string;
      readonly verifiedBy: string;
    }
  | {
      /** `absent`: it was gone already. */
      readonly outcome: 'deleted' | 'absent';
      readonly key: string;
      readonly bytes: number;
      /** Of what was deleted. */
      readonly etag: string;
      /** Of the delete marker, where the destination keeps versions. */
      readonly deleteMarker?: string;
    }
  | { readonly outcome: 'failed'; readonly key: string; readonly action: Action; readonly error: string; readonly cause: string };
