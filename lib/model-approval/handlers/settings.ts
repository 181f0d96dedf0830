import { environment } from '../../core/handlers/environment';

/** What a training run writes last, and what a published model has. */
export const MANIFEST_NAME = 'manifest.json';

/** Part of a bucket. The prefix is a folder. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** What the construct was told, as its functions get it. */
export interface ModelSettings {
  /** Where training runs write. */
  readonly source: Place;
  /** Where approved models go. */
  readonly destination: Place;
  /** Where it is kept what was reviewed. */
  readonly reviews: Place;
  /** What is larger is copied in parts of this size. */
  readonly partBytes: number;
}

/** As the construct wrote them into the environment. */
export function settingsFromEnvironment(): ModelSettings {
  return JSON.parse(environment('MODEL_APPROVAL')) as ModelSettings;
}
