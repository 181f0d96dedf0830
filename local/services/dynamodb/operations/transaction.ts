import { ApiError } from '../../../cloud-types';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html */
export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

const CODES: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  ValidationException: 'ValidationError',
};

/** What is wrong with one item of a transaction; anything else is an error of its own. */
export function reasonOf(error: unknown): CancellationReason {
  const code = error instanceof ApiError ? CODES[error.code] : undefined;
  if (!code) throw error;
  const { message, members } = error as ApiError;
  return { Code: code, Message: message, ...members };
}

/** Has a reason for each item, in order; "None" for those that would have succeeded. */
export function cancelled(reasons: readonly (CancellationReason | undefined)[]): ApiError {
  const listed = reasons.map((reason) => reason ?? { Code: 'None' });
  return new ApiError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${listed.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: listed },
  );
}
