/** Why a key was not done: what the plan relied on no longer holds, or S3's own error. */
export class KeyFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = code;
  }
}

/** As a batch is answered with. */
export function failureOf(error: unknown): { readonly error: string; readonly cause: string } {
  const { name = 'Error', message = String(error) } = error as Error;
  return { error: name, cause: message.slice(0, 500) };
}
