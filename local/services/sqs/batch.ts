import { ApiError } from '../../cloud-types';

/** Each entry succeeds or fails by itself. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export function batch<T>(entries: readonly (T & { readonly Id: string })[], run: (entry: T) => object | undefined, maximumSize?: number) {
  if (entries.length === 0) throw new ApiError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (entries.length > 10)
    throw new ApiError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${entries.length}.`);
  const ids = entries.map(({ Id }) => Id);
  const repeated = ids.find((id, i) => ids.indexOf(id) !== i);
  if (repeated !== undefined) throw new ApiError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
  const invalidId = ids.find((id) => !/^[\w-]{1,80}$/.test(id));
  if (invalidId !== undefined) {
    throw new ApiError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (maximumSize !== undefined) {
    const size = entries.reduce((sum, entry) => sum + Buffer.byteLength((entry as { MessageBody?: string }).MessageBody ?? ''), 0);
    if (size > maximumSize) {
      throw new ApiError('BatchRequestTooLong', `Batch requests cannot be longer than ${maximumSize} bytes. You have sent ${size} bytes.`);
    }
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
