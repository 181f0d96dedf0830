/** What a player draws before it has the sound. */
export interface Waveform {
  readonly seconds: number;
  /** How loud it is in equal parts of its time, from 0 to 1, where 1 is the loudest of all. */
  readonly peaks: readonly number[];
}

const PARTS = 200;

export function waveformOf(samples: Float64Array, rate: number): Waveform {
  const parts = Math.min(PARTS, samples.length);
  const peaks = Array.from({ length: parts }, (_, i) => {
    let most = 0;
    for (let at = Math.floor((i * samples.length) / parts); at < Math.floor(((i + 1) * samples.length) / parts); at++) {
      most = Math.max(most, Math.abs(samples[at]));
    }
    return most;
  });
  const loudest = Math.max(...peaks) || 1;
  return { seconds: round(samples.length / rate), peaks: peaks.map((peak) => round(peak / loudest)) };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
