/** Why no preview can be made of a recording: the same gives the same. */
export type RecordingErrorName = 'NoSuchRecording' | 'InvalidRecording' | 'RecordingChanged';

export class RecordingError extends Error {
  constructor(name: RecordingErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
