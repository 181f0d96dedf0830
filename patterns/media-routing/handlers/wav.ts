import { RecordingError } from './recording-error';

/** What the head of a WAV file says. */
export interface Wav {
  readonly encoding: 'pcm' | 'adpcm';
  readonly channels: number;
  /** Samples a second. */
  readonly rate: number;
  /** Of one sample. */
  readonly bits: number;
  /** Bytes of a group that is decoded by itself. */
  readonly block: number;
  /** Where the sound begins. */
  readonly start: number;
  /** How much of it there is; not known of a file that was written while it was recorded. */
  readonly bytes?: number;
}

const [PCM, IMA_ADPCM] = [1, 0x11];

/** What a recorder writes that doesn't know yet how long it will go on. */
const UNKNOWN = [0, 0xffffffff];

/**
 * Reads the head of a WAV file.
 * @param head as much of it as there is up to the sound
 * @see http://soundfile.sapp.org/doc/WaveFormat/
 * @throws InvalidRecording
 */
export function readWav(head: Buffer): Wav {
  if (head.length < 12 || text(head, 0) !== 'RIFF' || text(head, 8) !== 'WAVE') throw invalid('it is no WAV file');
  let format: Omit<Wav, 'start' | 'bytes'> | undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    const size = head.readUInt32LE(at + 4);
    if (text(head, at) === 'data') {
      if (!format) throw invalid('its sound comes before its format');
      return { ...format, start: at + 8, ...(!UNKNOWN.includes(size) && { bytes: size }) };
    }
    if (text(head, at) === 'fmt ') format = readFormat(head.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2);
  }
  throw invalid('it has no sound');
}

/** How long it is in seconds, as far as its head says. */
export function secondsOf({ encoding, bytes, block, channels, rate }: Wav): number | undefined {
  if (bytes === undefined) return undefined;
  const samples = encoding === 'pcm' ? bytes / block : Math.floor(bytes / block) * samplesInBlock(block, channels);
  return samples / rate;
}

/** The first of a block stands in its head, and each further one is half a byte. */
export function samplesInBlock(block: number, channels: number): number {
  return ((block - 4 * channels) * 2) / channels + 1;
}

function readFormat(chunk: Buffer): Omit<Wav, 'start' | 'bytes'> {
  if (chunk.length < 16) throw invalid('its format is cut off');
  const [code, channels, rate, block, bits] = [0, 2, 4, 12, 14].map((at) => (at === 4 ? chunk.readUInt32LE(at) : chunk.readUInt16LE(at)));
  const encoding =
    code === PCM && (bits === 8 || bits === 16) ? 'pcm' : code === IMA_ADPCM && bits === 4 && channels === 1 ? 'adpcm' : undefined;
  if (!encoding)
    throw invalid(
      `its format is ${code} with ${bits} bits and ${channels} channels: PCM of 8 or 16 bits and IMA ADPCM of one channel are read`,
    );
  const least = encoding === 'pcm' ? (channels * bits) / 8 : 5;
  if (channels === 0 || rate === 0 || block < least || (encoding === 'pcm' && block !== least)) {
    throw invalid(`its format makes no sense: ${channels} channels, ${rate} samples a second, blocks of ${block} bytes`);
  }
  return { encoding, channels, rate, bits, block };
}

const text = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 4);

function invalid(why: string): RecordingError {
  return new RecordingError('InvalidRecording', `the recording can't be read: ${why}`);
}
