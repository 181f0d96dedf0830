import { TranscodeError } from './transcode-error';

/** A rendition of a multivariant playlist, as it was published. */
export interface Variant {
  /** From the multivariant playlist. */
  readonly uri: string;
  /** Its own playlist, as text. */
  readonly playlist: string;
  readonly width: number;
  readonly height: number;
  /** The beginning of its file, which has the encoder's settings. */
  readonly head: Buffer;
}

export interface Multivariant {
  readonly variants: readonly Variant[];
  readonly sound?: { readonly uri: string; readonly playlist: string };
  /** Frames a second. */
  readonly rate?: number;
}

/** AAC-LC, which is what ffmpeg's encoder makes. */
const SOUND_CODEC = 'mp4a.40.2';

/**
 * The playlist that names all others.
 * @see https://www.rfc-editor.org/rfc/rfc8216#section-4.3.4
 * @throws NotAligned when a player could not go from one rendition to another, since their pieces don't begin at the same times
 */
export function multivariantOf({ variants, sound, rate }: Multivariant): string {
  const pieces = variants.map(({ playlist }) => piecesOf(playlist));
  const odd = pieces.findIndex((one) => timesOf(one) !== timesOf(pieces[0]));
  if (odd > 0) {
    throw new TranscodeError(
      'NotAligned',
      `the pieces of ${variants[odd].uri} and ${variants[0].uri} don't begin at the same times: the ffmpeg that cut them is at fault`,
    );
  }
  const soundRates = sound && ratesOf(piecesOf(sound.playlist));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(sound ? [`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="${sound.uri}"`] : []),
    ...variants.flatMap(({ uri, width, height, head }, i) => {
      const { peak, average } = ratesOf(pieces[i]);
      const attributes = [
        `BANDWIDTH=${peak + (soundRates?.peak ?? 0)}`,
        `AVERAGE-BANDWIDTH=${average + (soundRates?.average ?? 0)}`,
        `RESOLUTION=${width}x${height}`,
        ...(rate === undefined ? [] : [`FRAME-RATE=${rate.toFixed(3)}`]),
        `CODECS="${[codecOf(head), ...(sound ? [SOUND_CODEC] : [])].join(',')}"`,
        ...(sound ? ['AUDIO="sound"'] : []),
      ];
      return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, uri];
    }),
    '',
  ].join('\n');
}

interface Piece {
  readonly seconds: number;
  readonly bytes: number;
}

function piecesOf(playlist: string): Piece[] {
  return [...playlist.matchAll(/^#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@/gm)].map(([, seconds, bytes]) => ({
    seconds: Number(seconds),
    bytes: Number(bytes),
  }));
}

const timesOf = (pieces: readonly Piece[]): string => pieces.map(({ seconds }) => seconds).join(' ');

/** Bits a second. */
function ratesOf(pieces: readonly Piece[]): { readonly peak: number; readonly average: number } {
  const sum = (what: (piece: Piece) => number) => pieces.reduce((total, piece) => total + what(piece), 0);
  return {
    peak: Math.ceil(Math.max(...pieces.map(({ seconds, bytes }) => (8 * bytes) / seconds))),
    average: Math.ceil((8 * sum(({ bytes }) => bytes)) / sum(({ seconds }) => seconds)),
  };
}

/**
 * H.264 with its profile and level, which stand in the file's `avcC` box.
 * @see https://www.rfc-editor.org/rfc/rfc6381#section-3.3
 */
function codecOf(head: Buffer): string {
  const at = head.indexOf('avcC', 0, 'latin1');
  if (at < 0) throw new Error('a file for streaming begins without the settings of its encoder');
  return `avc1.${head.toString('hex', at + 5, at + 8)}`;
}
