/**
 * The patterns of policies: wildcards and policy variables, compiled once.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** The one value of a condition key, or nothing where the key is absent or has several values: those can't be a variable. */
export type Lookup = (key: string) => string | undefined;

/** Whether a value of the request fits what the policy has. */
export type Test = (value: string, lookup: Lookup) => boolean;

export interface Pattern {
  /** As the policy has it. */
  readonly text: string;
  readonly matches: Test;
}

/**
 * What a wildcard stands for.
 * - `exact`: wildcards are plain characters (`StringEquals`).
 * - `text`: any characters (`StringLike`, actions).
 * - `resource`: characters of one ARN segment; but a `*` that ends its segment goes on beyond the colon, and the last segment, the resource
 *   itself, may hold colons. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 * - `arn`: each of the six components is checked separately (`ArnLike`).
 *   https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export type Wildcards = 'exact' | 'text' | 'resource' | 'arn';

export interface PatternOptions {
  readonly wildcards: Wildcards;
  /** Policy variables exist in `Version` 2012-10-17 only; else they are plain text. */
  readonly variables?: boolean;
  readonly ignoreCase?: boolean;
}

type Token = { readonly literal: string } | { readonly wild: '*' | '?' } | { readonly variable: string; readonly fallback?: string };

export function compilePattern(text: string, options: PatternOptions): Pattern {
  const tokens = tokenize(text, options);
  if (!tokens.some((token) => 'variable' in token)) return { text, matches: compileTokens(tokens, options) };
  return {
    text,
    matches: (value, lookup) => {
      const bound: Token[] = [];
      for (const token of tokens) {
        if ('variable' in token) {
          const literal = lookup(token.variable) ?? token.fallback;
          // "A variable that has no value … will not match any resource", and "There is no equal or like value".
          if (literal === undefined) return false;
          bound.push({ literal });
        } else bound.push(token);
      }
      return compileTokens(bound, options)(value, lookup);
    },
  };
}

/** `${key}`, `${key, 'default'}`, and the three that stand for a plain character: `${*}`, `${?}`, `${$}`. */
const VARIABLE = /\$\{([^}',]+?)(?:\s*,\s*'([^']*)')?\s*\}/y;

function tokenize(text: string, options: PatternOptions): Token[] {
  const tokens: Token[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') tokens.push({ literal });
    literal = '';
  };
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string;
    VARIABLE.lastIndex = at;
    const found = options.variables && char === '$' ? VARIABLE.exec(text) : null;
    if (found !== null) {
      const name = (found[1] as string).trim();
      if (name === '*' || name === '?' || name === '$') literal += name;
      else {
        flush();
        tokens.push({ variable: name.toLowerCase(), fallback: found[2] });
      }
      at += found[0].length;
      continue;
    }
    if (options.wildcards !== 'exact' && (char === '*' || char === '?')) {
      flush();
      tokens.push({ wild: char });
    } else literal += char;
    at++;
  }
  flush();
  return tokens;
}

function compileTokens(tokens: readonly Token[], options: PatternOptions): Test {
  const fast = options.ignoreCase ? undefined : fastTest(tokens, options.wildcards);
  if (fast) return fast;
  const regex = new RegExp(`^${regexSource(tokens, options.wildcards)}$`, options.ignoreCase ? 'isu' : 'su');
  return (value) => regex.test(value);
}

/** The three commonest forms without a regular expression: `text`, `*`, `text*`. */
function fastTest(tokens: readonly Token[], wildcards: Wildcards): Test | undefined {
  const literals = tokens.filter((token) => 'literal' in token).map((token) => token.literal);
  if (literals.length === tokens.length) {
    const whole = literals.join('');
    return (value) => value === whole;
  }
  const last = tokens.at(-1) as Token;
  if (wildcards === 'arn' || literals.length !== tokens.length - 1 || !('wild' in last) || last.wild !== '*') return undefined;
  const prefix = literals.join('');
  return prefix === '' ? () => true : (value) => value.startsWith(prefix);
}

const RESOURCE_SEGMENT = 5;

function regexSource(tokens: readonly Token[], wildcards: Wildcards): string {
  let source = '';
  let segment = 0;
  tokens.forEach((token, index) => {
    if ('literal' in token) {
      segment += token.literal.split(':').length - 1;
      source += token.literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    } else if ('wild' in token) {
      const next = tokens[index + 1];
      const endsSegment = next === undefined || ('literal' in next && next.literal.startsWith(':'));
      const anything =
        wildcards === 'text' || segment >= RESOURCE_SEGMENT || (wildcards === 'resource' && token.wild === '*' && endsSegment);
      source += (anything ? '.' : '[^:]') + (token.wild === '*' ? '*' : '');
    }
  });
  return source;
}
