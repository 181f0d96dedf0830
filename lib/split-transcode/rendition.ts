import { Token } from 'aws-cdk-lib';
import type { RenditionSettings } from './handlers/settings';

/** A rendition in H.264 with AAC sound. */
export interface RenditionProps {
  /** Height of the picture in pixels, an even number from 2 to 4320; its width follows. A source that is less high is not made larger. */
  readonly height: number;
  /** Name of the file, or of the playlist, without its ending: lower-case letters, digits and dashes. @default "<height>p" */
  readonly name?: string;
  /** The constant rate factor: from 1, the best and largest, to 51. @default 23 */
  readonly quality?: number;
  /** The most that the video takes, in kilobits a second, over two seconds. @default - what the quality takes */
  readonly videoBitrate?: number;
  /** How much work goes into making it small: one of x264's presets, from "ultrafast" to "veryslow". @default "fast" */
  readonly preset?: string;
}

/** An MP4 file with H.264 video and AAC sound. */
export interface Mp4RenditionProps extends RenditionProps {}

/** A rendition for HTTP live streaming, with H.264 video; its sound is that of all. */
export interface HlsRenditionProps extends RenditionProps {}

const PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'];

/** What is made of a source. */
export class Rendition {
  /** An MP4 file that plays while it is being loaded. */
  public static mp4(props: Mp4RenditionProps): Rendition {
    return new Rendition(settingsOf(props));
  }

  /**
   * A rendition for HTTP live streaming (HLS): a playlist, and beside it one file of fragmented MP4, in pieces of six seconds or a little more that begin
   * with a key frame. All of a video's HLS renditions stand in one multivariant playlist, share one sound, and are cut at the same frames, so that players
   * go from one to another as the line allows.
   */
  public static hls(props: HlsRenditionProps): Rendition {
    const settings = settingsOf(props);
    if (settings.name === SOUND) throw new Error(`the rendition '${SOUND}' can't be made: the sound of all HLS renditions has this name`);
    return new Rendition({ ...settings, hls: true });
  }

  private constructor(
    /** @internal */
    public readonly _settings: RenditionSettings,
  ) {}
}

/** What the playlist of the sound is named, as the handlers have it. */
const SOUND = 'sound';

function settingsOf(props: RenditionProps): RenditionSettings {
  const { height, name = `${height}p`, quality = 23, videoBitrate, preset = 'fast' } = props;
  const problems: string[] = [];
  const within = (what: string, value: number, least: number, most: number) => {
    if (!Number.isInteger(value) || value < least || value > most) {
      problems.push(`${what} is ${value}: give a whole number from ${least} to ${most}`);
    }
  };
  if ([height, quality, videoBitrate].some((value) => Token.isUnresolved(value))) {
    problems.push('its numbers have to be known at synthesis');
  } else {
    within('height', height, 2, 4320);
    if (height % 2 === 1) problems.push(`height is ${height}: H.264 takes an even one`);
    within('quality', quality, 1, 51);
    if (videoBitrate !== undefined) within('videoBitrate', videoBitrate, 10, 500_000);
  }
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) problems.push(`name '${name}' is none: up to 40 lower-case letters, digits and dashes`);
  if (!PRESETS.includes(preset)) problems.push(`preset '${preset}' is none of x264's: ${PRESETS.join(', ')}`);
  if (problems.length > 0) throw new Error(`the rendition '${name}' can't be made: ${problems.join('; ')}`);
  return { name, height, quality, maxKbps: videoBitrate, preset };
}
