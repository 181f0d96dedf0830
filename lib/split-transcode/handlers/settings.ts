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
}

export interface RenditionSettings {
  readonly name: string;
  readonly height: number;
  readonly quality: number;
  readonly maxKbps?: number;
  readonly preset: string;
}

/** As the construct wrote them into the environment. */
export function settingsFromEnvironment(): TranscodeSettings {
  const text = process.env.TRANSCODE;
  if (!text) throw new Error('the environment variable TRANSCODE is missing');
  return JSON.parse(text) as TranscodeSettings;
}
