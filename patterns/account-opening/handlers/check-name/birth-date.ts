/** What a listed birth date says about a likeness of names. */
export type BirthDateEvidence = 'same' | 'similar' | 'none' | 'different';

/** Lists are often a year or two out, so that nearer years say nothing against a match. */
const YEARS_OF_DOUBT = 2;
const EARLIEST_YEAR = 1900;

/** A day that was, written YYYY-MM-DD; `undefined` for anything else. */
export function birthDateOf(value: unknown, today: Date = new Date()): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const date = new Date(`${value}T00:00:00Z`);
  // 2023-02-30 is either refused or rolled into March.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
  return exists && date <= today && date.getUTCFullYear() >= EARLIEST_YEAR ? value : undefined;
}

/** `listed` holds full dates and, where no more is known, years. */
export function compareBirthDates(applicant: string | undefined, listed: readonly string[]): BirthDateEvidence {
  if (applicant === undefined || listed.length === 0) return 'none';
  if (listed.includes(applicant)) return 'same';
  const [year, month, day] = applicant.split('-');
  if (listed.some((date) => date === year || date === `${year}-${day}-${month}`)) return 'similar';
  return listed.some((date) => Math.abs(Number(date.slice(0, 4)) - Number(year)) <= YEARS_OF_DOUBT) ? 'none' : 'different';
}
