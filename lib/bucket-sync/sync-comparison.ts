/** How it is decided whether the destination has what the source has. Sizes are compared first, always: another size is another content. */
export enum SyncComparison {
  /**
   * By ETags, which listings have. The same ETag is the same content. Where ETags can't be the same, of objects that were uploaded in
   * parts or are encrypted with KMS, a copy bears its source's ETag in its user metadata, `stepworks-source-etag`, and one HEAD request
   * reads it. A change of nothing but metadata or tags is not seen.
   */
  ETAG = 'ETAG',
  /**
   * By the checksums that S3 keeps: two HEAD requests for each key that both have in the same size, whether it has changed or not. Where two checksums are of
   * different algorithms, or of parts, it is as with `ETAG`. A change of nothing but metadata or tags is not seen.
   */
  CHECKSUM = 'CHECKSUM',
  /**
   * By size and time: the destination is up to date when it is not older. Weak: it misses an edit that keeps the size and comes in the
   * same second as a copy or is older than it, and copies again what was only touched. No HEAD request.
   */
  SIZE_AND_TIME = 'SIZE_AND_TIME',
}
