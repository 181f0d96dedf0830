const MIB = 1024 ** 2;

/** When an object is copied in parts, and in which. */
export interface CopyLimits {
  /** The largest object that one CopyObject takes. */
  readonly wholeBytes: number;
  readonly partBytes: number;
  readonly parts: number;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const COPY_LIMITS: CopyLimits = { wholeBytes: 5 * 1024 * MIB, partBytes: 256 * MIB, parts: 10_000 };

/** The size of each part but the last. */
export function partBytes(size: number, limits = COPY_LIMITS): number {
  return Math.max(limits.partBytes, Math.ceil(size / limits.parts / MIB) * MIB);
}

/** None for an object that is copied whole. */
export function partsOf(size: number, limits = COPY_LIMITS): number {
  return size > limits.wholeBytes ? Math.ceil(size / partBytes(size, limits)) : 0;
}
