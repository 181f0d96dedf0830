import { type PublishedModel, readCurrent } from './current';
import { type Metrics, type Review, type ReviewReference, readReview } from './review';
import type { ModelSettings } from './settings';

export interface CompareEvent {
  readonly review: ReviewReference;
}

export interface Compared {
  /** Whether the same content is in force as this very version. */
  readonly same: boolean;
  /** What would be replaced: the pointer's ETag, and the version that it names. */
  readonly replaces?: { readonly etag: string; readonly version: string };
  /** In words, one for each. */
  readonly metrics: readonly string[];
}

/** Holds a model against the one that is in force. What is there now is what an approval replaces, and nothing else. */
export async function compare({ review: reference }: CompareEvent, { destination, reviews }: ModelSettings): Promise<Compared> {
  const review = await readReview(reviews, reference);
  const current = await readCurrent(destination, review.model);
  return {
    same: current !== undefined && isSame(review, current.published),
    ...(current && { replaces: { etag: current.etag, version: current.published.version } }),
    metrics: described(review.metrics, current?.published.metrics ?? {}),
  };
}

/** The same files with the same content: what a training run that is repeated writes. */
function isSame({ version, artifacts }: Review, published: PublishedModel): boolean {
  const content = (name: string, bytes: number, etag: string) => JSON.stringify([name, bytes, etag]);
  const there = new Set(published.artifacts.map(({ name, bytes, source }) => content(name, bytes, source.etag)));
  return (
    version === published.version &&
    artifacts.length === there.size &&
    artifacts.every(({ name, bytes, etag }) => there.has(content(name, bytes, etag)))
  );
}

function described(metrics: Metrics, inForce: Metrics): string[] {
  return Object.entries(metrics).map(
    ([name, value]) => `${name} ${value}${Object.hasOwn(inForce, name) ? ` (${inForce[name]} in force)` : ''}`,
  );
}
