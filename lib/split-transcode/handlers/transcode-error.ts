/** Why a source, or a part of it, can't be transcoded: the same source gives the same. The names are part of the construct's contract. */
export type TranscodeErrorName =
  | 'NoSuchSource'
  | 'EmptySource'
  | 'UnreadableSource'
  | 'NoVideo'
  | 'NoFrames'
  | 'SourceChanged'
  | 'OutputTooLarge'
  | 'OutputChanged'
  | 'NotAligned'
  | 'EncodingFailed'
  | 'WorkerTooSmall'
  | 'FfmpegMissing';

export class TranscodeError extends Error {
  constructor(name: TranscodeErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
