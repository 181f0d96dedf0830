/** Tags of state machines and activities. Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#concepts-tagging */
import { ApiError, type Operation } from '../../cloud-types';
import { on, type Tag, tagging } from './access';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-tagging */
const MAX_TAGS = 50;

export class Tags {
  readonly #byArn = new Map<string, Map<string, string>>();

  has(arn: string): boolean {
    return this.#byArn.has(arn);
  }

  /** @throws ApiError TooManyTags, and then no tag is put */
  put(arn: string, tags: readonly Tag[]): void {
    this.#byArn.set(arn, this.with(arn, tags));
  }

  /** What `put` would put. @throws as `put` does */
  with(arn: string, tags: readonly Tag[]): Map<string, string> {
    const all = new Map([...(this.#byArn.get(arn) ?? []), ...tags.map(({ key, value }) => [key, value] as const)]);
    if (all.size <= MAX_TAGS) return all;
    throw new ApiError('TooManyTags', `A resource has at most ${MAX_TAGS} tags, this one would have ${all.size}`, 400, {
      resourceName: arn,
    });
  }

  delete(arn: string): void {
    this.#byArn.delete(arn);
  }

  /** @throws ApiError InvalidArn, ResourceNotFound */
  of(arn: string): Map<string, string> {
    if (!arn.startsWith('arn:')) throw new ApiError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
    const found = this.#byArn.get(arn);
    if (found) return found;
    throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`, 404, { resourceName: arn });
  }
}

interface TagInput {
  readonly resourceArn: string;
  readonly tags: readonly Tag[];
}

interface UntagInput {
  readonly resourceArn: string;
  readonly tagKeys: readonly string[];
}

export function tagOperations(tags: Tags): Record<string, Operation> {
  return {
    TagResource: {
      access: (input: TagInput) => (input.tags?.length > 0 ? tagging(input.resourceArn, input.tags) : on('TagResource', input.resourceArn)),
      run(input: TagInput) {
        tags.of(input.resourceArn);
        tags.put(input.resourceArn, input.tags);
        return {};
      },
    },
    UntagResource: {
      access: (input: UntagInput) => [
        { action: 'states:UntagResource', resource: input.resourceArn, context: { 'aws:tagkeys': input.tagKeys } },
      ],
      run(input: UntagInput) {
        const own = tags.of(input.resourceArn);
        for (const key of input.tagKeys) own.delete(key);
        return {};
      },
    },
    ListTagsForResource: {
      access: (input: { resourceArn: string }) => on('ListTagsForResource', input.resourceArn),
      run: (input: { resourceArn: string }) => ({ tags: [...tags.of(input.resourceArn)].map(([key, value]) => ({ key, value })) }),
    },
  };
}
