/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
import { ApiError } from '../../cloud-types';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const NO_TAGS: readonly Tag[] = [];

/** `x-amz-tagging: a=1&b=2` */
export function tagsFromHeader(header: string | undefined): readonly Tag[] {
  if (!header) return NO_TAGS;
  return checkTags(
    [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value })),
    10,
  );
}

export function checkTags(tags: readonly Tag[], most: number): Tag[] {
  if (tags.length > most) throw new ApiError('BadRequest', `Object tags cannot be greater than ${most}`);
  const keys = new Set<string>();
  for (const { Key, Value } of tags) {
    if (typeof Key !== 'string' || Key.length < 1 || Key.length > 128) throw invalidTag('The TagKey you have provided is invalid', Key);
    if (typeof Value !== 'string' || Value.length > 256) throw invalidTag('The TagValue you have provided is invalid', Key);
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(Key + Value)) throw invalidTag('The TagKey or TagValue you have provided is invalid', Key);
    if (keys.has(Key)) throw invalidTag('Cannot provide multiple Tags with the same key', Key);
    if (/^aws:/i.test(Key)) throw invalidTag('System tags cannot be added/updated by requester', Key);
    keys.add(Key);
  }
  return tags.map(({ Key, Value }) => ({ Key, Value }));
}

function invalidTag(message: string, TagKey: string): ApiError {
  return new ApiError('InvalidTag', message, 400, { TagKey });
}
