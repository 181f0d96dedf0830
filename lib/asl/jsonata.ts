/** JSONata's static part: what counts as an expression, and whether it parses. */
import type jsonata from './vendor/jsonata/jsonata';

/**
 * JSONata functions that Step Functions adds. It also takes `$eval` away.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#intrinsics-jsonata
 */
export const STEP_FUNCTIONS_JSONATA = ['partition', 'range', 'hash', 'random', 'uuid', 'parse'] as const;

/** Only a string that begins with `{%` and ends with `%}`, exactly, is an expression; `" {% x %} "` is text. */
export function isJsonata(value: unknown): value is `{%${string}%}` {
  return typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}');
}

/** What stands between `{%` and `%}`, trimmed, as AWS quotes it in its messages. */
export function expressionText(value: string): string {
  return value.slice(2, -2).trim();
}

let loaded: typeof jsonata | undefined;

/** Parses an expression; throws JSONata's error, which has `code` and `message`. The parser is read on first use: most synths need none. */
export function parseJsonata(text: string, options?: jsonata.Options): jsonata.Expression {
  loaded ??= require('./vendor/jsonata/jsonata') as typeof jsonata;
  return loaded(text, options);
}

const trees = new Map<string, unknown>();

/**
 * An expression's tree, only to be read; throws as above. A definition is looked at many times: by each check, in each construct that it
 * is in, and where it is deployed.
 */
export function jsonataTree(text: string): unknown {
  let tree = trees.get(text);
  if (tree === undefined) {
    tree = parseJsonata(text).ast();
    if (trees.size >= 10_000) trees.clear();
    trees.set(text, tree);
  }
  return tree;
}

export type JsonataExpression = jsonata.Expression;
export type JsonataFrame = jsonata.Frame;
