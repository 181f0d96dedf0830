import type { Artifact } from './review';

/** One copy, and the time that is left for it. */
export interface CopyTarget {
  readonly sourceBucket: string;
  readonly bucket: string;
  readonly key: string;
  readonly partBytes: number;
  /** Whether there is time for more. */
  hasTime(): boolean;
}

/** User metadata of a copy: what it was made of. */
export const MADE_OF = 'stepworks-source-version';

export function copySource(bucket: string, { key, versionId }: Artifact): string {
  return `${bucket}/${encodeURIComponent(key)}?versionId=${encodeURIComponent(versionId)}`;
}

export function described({ contentType, versionId }: Artifact) {
  return { ContentType: contentType, Metadata: { [MADE_OF]: versionId } };
}
