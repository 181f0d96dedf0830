/**
 * The document of an identity-based policy, read strictly: what IAM would not have taken is malformed, and so is what this file does not know.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

export interface Statement {
  /** Its Sid, or which one it is. */
  readonly label: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  readonly resources: Patterns;
  readonly conditions: readonly Condition[];
}

/** `Action` or `NotAction`, `Resource` or `NotResource`. */
export interface Patterns {
  readonly texts: readonly string[];
  readonly negated: boolean;
}

/** One key of one operator. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Nobody can say what the document grants. The message says why. */
export class MalformedPolicy extends Error {}

type Members = Readonly<Record<string, unknown>>;

const DOCUMENT = ['Version', 'Id', 'Statement'];
const STATEMENT = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];
const VERSIONS = ['2012-10-17', '2008-10-17'];

/**
 * @param text as IAM gives it (URL-encoded, https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html) or as it was written
 * @throws MalformedPolicy
 */
export function parsePolicy(text: string): readonly Statement[] {
  const json = plainText(text);
  const document = parseJson(json);
  if (!isObject(document)) throw new MalformedPolicy(`the document is ${nameOf(document)}, not an object`);
  onlyKnown('the document', document, DOCUMENT);
  if (document.Version !== undefined && !VERSIONS.includes(document.Version as string))
    throw new MalformedPolicy(`Version is ${show(document.Version)}: IAM knows ${VERSIONS.join(' and ')}`);
  if (document.Statement === undefined) throw new MalformedPolicy('there is no Statement');
  const statements = [document.Statement].flat();
  if (statements.length === 0) throw new MalformedPolicy('Statement is empty');
  return statements.map((statement, index) => readStatement(statement, `statement ${index + 1}`));
}

/** JSON never begins with a percent sign, and an encoded document always does. */
export function plainText(text: string): string {
  if (!text.startsWith('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MalformedPolicy('the document is not URL-encoded as it should be');
  }
}

function parseJson(json: string): unknown {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new MalformedPolicy(json.trim() === '' ? 'the document is empty' : 'the document is no JSON');
  }
  const twice = repeatedName(json);
  if (twice !== undefined) throw new MalformedPolicy(`the name ${show(twice)} stands twice in one object`);
  return document;
}

/** JSON.parse would take the last of two and hide the first. */
function repeatedName(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name: string = JSON.parse(token.slice(0, -colon.length));
      const names = open[open.length - 1];
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}

function readStatement(statement: unknown, place: string): Statement {
  if (!isObject(statement)) throw new MalformedPolicy(`${place} is ${nameOf(statement)}, not an object`);
  onlyKnown(place, statement, STATEMENT);
  const { Sid, Effect, Condition } = statement;
  if (Sid !== undefined && typeof Sid !== 'string') throw new MalformedPolicy(`Sid of ${place} is ${nameOf(Sid)}, not a text`);
  if (Effect !== 'Allow' && Effect !== 'Deny')
    throw new MalformedPolicy(`Effect of ${place} is ${show(Effect)}: Allow and Deny are allowed`);
  const actions = readPatterns(statement, 'Action', place);
  for (const action of actions.texts) {
    if (action !== '*' && !/^[\w*?-]+:[^\s:]+$/.test(action))
      throw new MalformedPolicy(`the action ${show(action)} of ${place} is no "service:action"`);
  }
  return {
    label: Sid ? `${place} (${Sid})` : place,
    effect: Effect,
    actions: { ...actions, texts: actions.texts.map((action) => action.toLowerCase()) },
    resources: readPatterns(statement, 'Resource', place),
    conditions: readConditions(Condition, place),
  };
}

function readPatterns(statement: Members, name: 'Action' | 'Resource', place: string): Patterns {
  const [plain, not] = [statement[name], statement[`Not${name}`]];
  if ((plain === undefined) === (not === undefined))
    throw new MalformedPolicy(`${place} has ${plain === undefined ? 'neither' : 'both'} ${name} and Not${name}`);
  const negated = plain === undefined;
  const texts = [negated ? not : plain].flat();
  if (texts.length === 0) throw new MalformedPolicy(`${negated ? 'Not' : ''}${name} of ${place} is empty`);
  for (const text of texts) {
    if (typeof text !== 'string' || text === '')
      throw new MalformedPolicy(`${negated ? 'Not' : ''}${name} of ${place} has ${nameOf(text)} in it, where a text belongs`);
  }
  return { texts: texts as string[], negated };
}

function readConditions(block: unknown, place: string): Condition[] {
  if (block === undefined) return [];
  if (!isObject(block)) throw new MalformedPolicy(`Condition of ${place} is ${nameOf(block)}, not an object`);
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw new MalformedPolicy(`${operator} of ${place} is ${nameOf(keys)}, not an object`);
    return Object.entries(keys).map(([key, value]) => {
      const values = [value].flat();
      if (!values.every((one) => ['string', 'number', 'boolean'].includes(typeof one)))
        throw new MalformedPolicy(`${key} of ${operator} of ${place} has something that is no text, number or boolean`);
      return { operator, key, values: values.map(String) };
    });
  });
}

function onlyKnown(place: string, members: Members, known: readonly string[]): void {
  const other = Object.keys(members).find((name) => !known.includes(name));
  if (other !== undefined) throw new MalformedPolicy(`${place} has ${show(other)}, which a policy of IAM has not: ${known.join(', ')}`);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === '') return 'an empty text';
  if (value === undefined) return 'missing';
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 100);
}
