import { samplesInBlock, type Wav } from './wav';

/** Decoded samples of one channel, from -1 to 1. Kept from one recording to the next: to allocate it takes longer than to fill it. */
let samples = new Float64Array(0);

/** The sound of a WAV file, its channels mixed. What it gives is good until the next call. */
export function decode(wav: Wav, sound: Buffer): Float64Array {
  const blocks = Math.floor(sound.length / wav.block);
  const count = wav.encoding === 'pcm' ? blocks : blocks * samplesInBlock(wav.block, wav.channels);
  if (samples.length < count) samples = new Float64Array(count);
  const decoded = samples.subarray(0, count);
  if (wav.encoding === 'pcm') decodePcm(wav, sound, decoded);
  else decodeAdpcm(wav, sound, decoded);
  return decoded;
}

function decodePcm({ channels, bits }: Wav, sound: Buffer, into: Float64Array): void {
  const one = bits === 8 ? (i: number) => (sound[i] - 128) / 128 : (i: number) => sound.readInt16LE(2 * i) / 32_768;
  for (let i = 0; i < into.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += one(i * channels + channel);
    into[i] = sum / channels;
  }
}

/** IMA ADPCM, one channel: four bits a sample say how far it is from the one before, in steps that adapt. */
function decodeAdpcm({ block }: Wav, sound: Buffer, into: Float64Array): void {
  let at = 0;
  for (let begin = 0; begin + block <= sound.length; begin += block) {
    let value = sound.readInt16LE(begin);
    let index = Math.min(sound[begin + 2], STEPS.length - 1);
    into[at++] = value / 32_768;
    for (let byte = begin + 4; byte < begin + block; byte++) {
      for (const nibble of [sound[byte] & 15, sound[byte] >> 4]) {
        const step = STEPS[index];
        const change = (step >> 3) + (nibble & 4 ? step : 0) + (nibble & 2 ? step >> 1 : 0) + (nibble & 1 ? step >> 2 : 0);
        value = Math.max(-32_768, Math.min(32_767, nibble & 8 ? value - change : value + change));
        index = Math.max(0, Math.min(STEPS.length - 1, index + (nibble & 4 ? 2 * (nibble & 3) + 2 : -1)));
        into[at++] = value / 32_768;
      }
    }
  }
}

/** From 7 on each is a tenth more than the one before, until 32,767: the table of the IMA's recommendation. */
const STEPS = [
  ...[7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118],
  ...[130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166],
  ...[1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845],
  ...[8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500, 20_350, 22_385, 24_623, 27_086, 29_794, 32_767],
];
