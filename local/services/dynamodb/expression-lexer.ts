export interface Token {
  /** `name` an attribute, keyword or function; `alias` #name; `value` :name; `index` digits; anything else is a `symbol`. */
  readonly kind: 'name' | 'alias' | 'value' | 'index' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN = /(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<alias>#[A-Za-z0-9_]+)|(?<value>:[A-Za-z0-9_]+)|(?<index>\d+)|<>|<=|>=|[^\s]/gu;

export function tokenize(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of expression.matchAll(TOKEN)) {
    const kind = (Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? 'symbol') as Token['kind'];
    tokens.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return [...tokens, { kind: 'end', text: '<EOF>', start: expression.length, end: expression.length }];
}
