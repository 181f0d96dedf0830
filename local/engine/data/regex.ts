import { bounded } from '../bounded';

/** Real time that one match may take, as AWS gives a whole expression. Sound ones take microseconds. */
export const REGEX_MILLISECONDS = 1000;

/** So many steps take no time worth guarding. */
const FREE_STEPS = 1e7;

export class BacktrackingError extends Error {
  constructor(pattern: RegExp, length: number) {
    super(`The regular expression ${pattern} goes back and forth without end on a text of ${length} characters.`);
  }
}

/** A regular expression as JSONata uses one, which fails when matching would go on without end. */
export class BoundedRegExp {
  private readonly pattern: RegExp;
  private repetitions: number | undefined;

  constructor(pattern: RegExp) {
    this.pattern = withAsciiSpaces(pattern);
  }

  get lastIndex(): number {
    return this.pattern.lastIndex;
  }

  set lastIndex(index: number) {
    this.pattern.lastIndex = index;
  }

  exec(text: string): RegExpExecArray | null {
    const { pattern } = this;
    this.repetitions ??= repetitionsOf(pattern.source);
    if (mostSteps(this.repetitions, text.length) <= FREE_STEPS) return pattern.exec(text);
    return bounded(
      REGEX_MILLISECONDS,
      () => pattern.exec(text),
      () => new BacktrackingError(pattern, text.length),
    );
  }
}

const SPACES = ' \\t\\n\\v\\f\\r';

/** White space is ASCII's, as measured by others: https://github.com/iwamot/sfnx/blob/main/docs/design.md#jsonata-in-step-functions */
function withAsciiSpaces(pattern: RegExp): RegExp {
  if (!/\\s/i.test(pattern.source)) return pattern;
  const source = pattern.source.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g, (token) => {
    if (token.startsWith('[')) return token.replace(/\\[\s\S]/g, (pair) => (pair === '\\s' ? SPACES : pair));
    if (token === '\\s') return `[${SPACES}]`;
    return token === '\\S' ? `[^${SPACES}]` : token;
  });
  return new RegExp(source, pattern.flags);
}

/** At worst, roughly: a match may begin anywhere, each repetition may end anywhere, and one inside of another doubles with each character. */
function mostSteps(repetitions: number, length: number): number {
  return repetitions === NESTED ? 2 ** length : length ** (repetitions + 1);
}

const NESTED = Number.POSITIVE_INFINITY;

/** How often a pattern repeats something, backward references included; NESTED where what is repeated has repetitions or alternatives. */
function repetitionsOf(source: string): number {
  let repetitions = 0;
  /** Whether the group that is open, each around it, and the one just closed can match one text in several ways. */
  let varied = false;
  const around: boolean[] = [];
  let closed = false;
  // What is escaped or in a class stands for one character.
  for (const [token] of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?<?[:=!]?|[\s\S]/g)) {
    const repeats = /^[*+?{]$/.test(token);
    if (repeats && closed) return NESTED;
    if (repeats || /^\\[1-9k]/.test(token)) repetitions++;
    closed = false;
    if (token.startsWith('(')) {
      around.push(varied);
      varied = false;
    } else if (token === ')') {
      closed = varied;
      varied = (around.pop() ?? false) || varied;
    } else varied ||= repeats || token === '|';
  }
  return repetitions;
}
