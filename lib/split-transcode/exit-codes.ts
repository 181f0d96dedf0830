import type { TranscodeErrorName } from './handlers/transcode-error';

/** How a worker in a container says why it failed: Step Functions sees no more of it. 137 is what is left of one that was killed, too. */
export const EXIT_CODES: { readonly [error in TranscodeErrorName]?: number } = {
  EncodingFailed: 65,
  UnreadableSource: 66,
  SourceChanged: 67,
  FfmpegMissing: 68,
  WorkerTooSmall: 137,
};
