/** Is the applicant, or somebody with much the same name, on the watch list? */
import { field, fieldsOf, kindOf, UnprocessableApplicant } from '../applicant';
import { type BirthDateEvidence, birthDateOf } from './birth-date';
import { plainName } from './plain-name';
import { findMatches, type Match } from './watch-list';

export interface NameCheck {
  readonly flagged: boolean;
  /** For the person who reviews it; present when flagged. */
  readonly reason?: string;
  readonly matches: readonly { readonly entryId: string; readonly name: string; readonly score: number }[];
}

/** Longer than any name on a passport; it also bounds the work that an invocation can be made to do. */
const LONGEST_PART = 100;
const MOST_MATCHES = 5;

export async function handler(input: unknown): Promise<NameCheck> {
  const applicant = fieldsOf(input, 'The applicant');
  const name = fieldsOf(field(applicant, 'name'), 'name');
  const given = namePart(name, 'given');
  const family = namePart(name, 'family');

  const plain = plainName(given, family);
  if (plain.unreadable) {
    throw new UnprocessableApplicant('The name is in a script that the watch list can’t be compared with.');
  }
  if (!plain.words.some((word) => !word.initial)) {
    throw new UnprocessableApplicant(
      plain.words.length === 0 ? 'The name has no letters.' : 'The name has only initials, which fit too many names.',
    );
  }

  const birthDate = birthDateOf(field(applicant, 'birthDate'));
  const matches = findMatches(plain, birthDate);
  const reasons = [
    ...matches.slice(0, 1).map((match) => describe(match, matches.length - 1)),
    ...oddities(given, family),
    ...(birthDate === undefined
      ? ['The birth date isn’t a past day in the form YYYY-MM-DD, so it can’t tell people of one name apart.']
      : []),
  ];
  return {
    flagged: reasons.length > 0,
    ...(reasons.length > 0 && { reason: reasons.join(' ') }),
    matches: matches.slice(0, MOST_MATCHES).map(({ entry, name: listed, score }) => ({ entryId: entry.id, name: listed, score })),
  };
}

/** One part may be empty, since many people have one name only. Both must be there, as text. */
function namePart(name: Readonly<Record<string, unknown>>, part: 'given' | 'family'): string {
  const value = field(name, part);
  if (typeof value !== 'string') throw new UnprocessableApplicant(`name.${part} must be text, but is ${kindOf(value)}.`);
  if (value.length > LONGEST_PART) throw new UnprocessableApplicant(`name.${part} is longer than ${LONGEST_PART} characters.`);
  return value;
}

/** What nobody's name has, and what somebody who hides from a list might write. */
function oddities(...parts: readonly string[]): string[] {
  const words = parts.flatMap((part) => part.normalize('NFKC').split(/[\s-]+/));
  return [
    ...(words.some((word) => /\p{Nd}/u.test(word)) ? ['The name has digits in it.'] : []),
    ...(words.some((word) => ALPHABETS.filter((alphabet) => alphabet.test(word)).length > 1)
      ? ['The name mixes alphabets within one word, so that it looks like another name.']
      : []),
  ];
}

const ALPHABETS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Arabic}/u];

const BIRTH_DATE: Readonly<Record<BirthDateEvidence, string>> = {
  same: 'the birth date is the same',
  similar: 'the birth date fits in part',
  none: 'the birth date says nothing either way',
  different: 'the birth date is another',
};

function describe({ entry, name, score, birthDate }: Match, others: number): string {
  const listed = name === entry.name ? `“${name}”` : `“${name}”, a name of “${entry.name}”`;
  const more = others === 0 ? '' : ` ${others} more ${others === 1 ? 'entry is' : 'entries are'} alike.`;
  return (
    `The name is like ${listed} on the watch list (entry ${entry.id}, ${entry.countries.join(', ')}): ` +
    `${Math.round(score * 100)} of 100, and ${BIRTH_DATE[birthDate]}.${more}`
  );
}
