/** A fraction: a frame rate in frames a second, or a time base in seconds. Exact where 29.97 would not be. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** Of ffprobe's `30000/1001`; undefined for `0/0`, which stands for an unknown one. */
export function rationalOf(text = ''): Rational | undefined {
  const [num, den] = text.split('/').map(Number);
  return num > 0 && den > 0 ? { num, den } : undefined;
}

export const inverse = ({ num, den }: Rational): Rational => ({ num: den, den: num });
export const numberOf = ({ num, den }: Rational): number => num / den;
export const textOfRational = ({ num, den }: Rational): string => `${num}/${den}`;
