import { type BirthDateEvidence, compareBirthDates } from './birth-date';
import { likeness } from './compare-names';
import { type PlainName, plainName } from './plain-name';
import list from './watch-list.json';

export interface WatchListEntry {
  readonly id: string;
  readonly name: string;
  /** Other spellings and other names of the same person. */
  readonly aliases: readonly string[];
  /**
   * Names that many people bear, which alone tell nobody apart: they match only together with the birth date. (Sanctions lists mark
   * such aliases too: OFAC calls them "weak aka".)
   */
  readonly weakAliases: readonly string[];
  /** YYYY-MM-DD, or YYYY where only the year is known. */
  readonly birthDates: readonly string[];
  readonly countries: readonly string[];
}

export interface Match {
  readonly entry: WatchListEntry;
  /** The listed name or alias that fits best. */
  readonly name: string;
  /** 0 to 1, birth date included. */
  readonly score: number;
  readonly birthDate: BirthDateEvidence;
}

/**
 * From this score on a person looks at the match. With two-word names it admits one slip in a word of five letters or more (Morosenko for
 * Morozenko, 0.94), another romanisation, one added or missing middle name (0.93), an initial (0.93); it keeps out Anna against Anne with
 * the same family name (0.88 less a hair) and two names of which only one is alike (0.67). The test measures both sides.
 */
export const THRESHOLD = 0.88;

/**
 * The birth date moves a score, and neither makes nor breaks a match: an exact name stays flagged with another date (dates are easily
 * given falsely), a doubtful one doesn't; with the same date, a name with slips in both words is flagged.
 */
const EVIDENCE: Readonly<Record<BirthDateEvidence, number>> = { same: 0.1, similar: 0.05, none: 0, different: -0.08 };

export const entries: readonly WatchListEntry[] = list.entries;

interface ListedName {
  readonly entry: WatchListEntry;
  readonly name: string;
  readonly plain: PlainName;
  readonly weak: boolean;
}

/** Made once for each Lambda environment: an invocation only compares. */
const listedNames: readonly ListedName[] = entries.flatMap((entry) => [
  ...[entry.name, ...entry.aliases].map((name) => ({ entry, name, plain: plainName(name), weak: false })),
  ...entry.weakAliases.map((name) => ({ entry, name, plain: plainName(name), weak: true })),
]);

/** The entries that the name may stand for, best first, each once. */
export function findMatches(name: PlainName, birthDate: string | undefined): Match[] {
  const best = new Map<string, Match>();
  for (const listed of listedNames) {
    const evidence = compareBirthDates(birthDate, listed.entry.birthDates);
    if (listed.weak && evidence !== 'same' && evidence !== 'similar') continue;
    const alike = likeness(name, listed.plain);
    const score = alike === 0 ? 0 : rounded(Math.min(1, alike + EVIDENCE[evidence]));
    if (score >= THRESHOLD && score > (best.get(listed.entry.id)?.score ?? 0)) {
      best.set(listed.entry.id, { entry: listed.entry, name: listed.name, score, birthDate: evidence });
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score || (a.entry.id < b.entry.id ? -1 : 1));
}

/** Three places: what is reported is what was compared with the threshold. */
function rounded(score: number): number {
  return Math.round(score * 1000) / 1000;
}
