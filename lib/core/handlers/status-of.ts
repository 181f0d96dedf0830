/** HTTP status of what the SDK threw; a HEAD's error has nothing else that could be relied on. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
