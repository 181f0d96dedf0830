import { environment } from '../../core/handlers/environment';

/** What the construct was told, as its functions get it. */
export interface TranscodeSettings {
  readonly source: { readonly bucket: string };
  /** Where what is finished goes. The prefix is a folder, or empty. */
  readonly destination: { readonly bucket: string; readonly prefix: string };
  /** Where segments and plans are kept meanwhile. */
  readonly scratch: { readonly bucket: string; readonly prefix: string };
  readonly renditions: readonly RenditionSettings[];
  readonly segmentSeconds: number;
  readonly keyFrameSeconds: number;
  readonly audioKbps: number;
  /** What the workers are that have a limit, where there are others without. */
  readonly smallWorker?: SmallWorker;
}

export interface SmallWorker {
  readonly memoryMiB: number;
  readonly diskMiB: number;
  /** The most that is expected of one. */
  readonly seconds: number;
}

export interface RenditionSettings {
  readonly name: string;
  readonly height: number;
  readonly quality: number;
  readonly maxKbps?: number;
  readonly preset: string;
  /** Whether it is made for HTTP live streaming; otherwise it is an MP4 file. */
  readonly hls?: true;
}

/** As the construct wrote them into the environment. */
export function settingsFromEnvironment(): TranscodeSettings {
  return JSON.parse(environment('TRANSCODE')) as TranscodeSettings;
}
