import { environment } from '../../core/handlers/environment';

/** A bucket, and what the keys begin with that are meant. */
export interface BucketPlace {
  readonly bucket: string;
  /** May be empty. */
  readonly prefix: string;
}

export type Comparison = 'ETAG' | 'CHECKSUM' | 'SIZE_AND_TIME';

/** What a run may delete. */
export interface DeletionLimits {
  readonly maxCount: number;
  /** Of the destination's objects. */
  readonly maxPercent: number;
  readonly allowUnversioned: boolean;
}

/** What the construct was told, as its functions get it. */
export interface SyncSettings {
  readonly source: BucketPlace;
  readonly destination: BucketPlace;
  /** Where plans and reports are written. */
  readonly results: BucketPlace;
  readonly comparison: Comparison;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Nothing is ever deleted without. */
  readonly deletion?: DeletionLimits;
  /** Whether the destination is known to encrypt with KMS: its ETags are no hashes then. */
  readonly destinationKms: boolean;
}

/** As the construct wrote them into the environment. */
export function settingsFromEnvironment(): SyncSettings {
  return JSON.parse(environment('SYNC')) as SyncSettings;
}
