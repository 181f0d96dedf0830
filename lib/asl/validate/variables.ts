import type { QueryLanguage } from '../definition';
import { type IntrinsicArgument, parseIntrinsic } from '../intrinsics';
import type { Json, JsonObject } from '../json';
import { isObject, member } from '../json';
import { expressionText, isJsonata, jsonataTree, STEP_FUNCTIONS_JSONATA } from '../jsonata';
import type { Findings } from './diagnostic';
import { NOT_EXPRESSIONS } from './expressions';
import { targets } from './transitions';

/**
 * Functions that JSONata itself has, without `$eval`, which Step Functions takes away.
 * Source: https://docs.jsonata.org/
 */
const JSONATA_FUNCTIONS =
  `abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent
  distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber fromMillis join keys length
  lookup lowercase map match max merge millis min not now number pad parseInteger power random reduce replace reverse round shuffle sift
  single sort split spread sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase zip`.split(/\s+/);

const BUILT_IN: ReadonlySet<string> = new Set(['states', '', '$', ...JSONATA_FUNCTIONS, ...STEP_FUNCTIONS_JSONATA]);

/** Warns of variables and functions that nothing defines: AWS accepts them, and they fail when they are used. */
export function warnOfUnknownVariables(
  workflow: JsonObject,
  language: QueryLanguage,
  outer: ReadonlySet<string>,
  at: string,
  findings: Findings,
): void {
  const states = isObject(workflow.States) ? Object.entries(workflow.States) : [];
  const known = new Set([...outer, ...states.flatMap(([, state]) => assignedNames(state))]);
  for (const [name, state] of states) {
    if (!isObject(state)) continue;
    const where = `${at}/States/${name}`;
    const own = state.QueryLanguage === 'JSONata' || state.QueryLanguage === 'JSONPath' ? state.QueryLanguage : language;
    for (const [field, value] of Object.entries(state)) {
      if (NOT_EXPRESSIONS.includes(field) || (own === 'JSONPath' && field === 'Result')) continue;
      for (const { name: used, path } of own === 'JSONata' ? jsonataNames(value, '') : jsonPathNames(field, value, '')) {
        if (!known.has(used))
          findings.warning(`${where}/${field}${path}`, `Variable '$${used}' is not defined anywhere`, 'UNKNOWN_VARIABLE');
      }
    }
    for (const inner of innerWorkflows(state, where)) {
      warnOfUnknownVariables(inner.workflow, language, inner.isolated ? new Set() : known, inner.at, findings);
    }
  }
}

/**
 * An inner workflow can't assign a variable that may have been assigned outside before it began: AWS refuses that, and names that are no
 * names. Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#inner-scopes
 */
export function refuseReusedVariables(workflow: JsonObject, findings: Findings, at = '', outer: ReadonlySet<string> = new Set()): void {
  const states = isObject(workflow.States) ? workflow.States : {};
  for (const [name, state] of Object.entries(states)) {
    if (!isObject(state)) continue;
    const where = `${at}/States/${name}`;
    for (const { variable, place } of assignments(state, where)) {
      if (outer.has(variable)) {
        findings.error(place, `The variable name '${variable}' was already defined in a parent scope.`, 'DUPLICATE_VARIABLE_NAME');
      }
    }
    const inner = innerWorkflows(state, where);
    if (inner.length === 0) continue;
    const before = Object.keys(states).filter((other) => leadsTo(other, name, states));
    const assigned = new Set([...outer, ...before.flatMap((other) => assignedNames(states[other]))]);
    for (const { workflow, at } of inner) refuseReusedVariables(workflow, findings, at, assigned);
  }
}

/** Whether one state comes before another on some way. */
function leadsTo(from: string, to: string, states: JsonObject): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const state = member(states, name);
    const next = isObject(state) ? targets(state).map((target) => target.name) : [];
    if (next.includes(to)) return true;
    for (const other of next) if (!seen.has(other)) queue.push(other);
    for (const other of next) seen.add(other);
  }
  return false;
}

/** The workflows inside of a state. The children of a Distributed Map see no variables of the outside. */
function innerWorkflows(state: JsonObject, at: string): { workflow: JsonObject; at: string; isolated: boolean }[] {
  const { Branches } = state;
  const branches = Array.isArray(Branches) ? Branches.map((workflow, i) => ({ workflow, at: `${at}/Branches[${i}]` })) : [];
  const processors = ['ItemProcessor', 'Iterator'].map((field) => ({ workflow: state[field], at: `${at}/${field}` }));
  return [...branches, ...processors].flatMap(({ workflow, at }) => {
    if (!isObject(workflow)) return [];
    const isolated = isObject(workflow.ProcessorConfig) && workflow.ProcessorConfig.Mode === 'DISTRIBUTED';
    return [{ workflow, at, isolated }];
  });
}

function assignedNames(state: Json): string[] {
  return isObject(state) ? assignments(state, '').map(({ variable }) => variable) : [];
}

/** What a state assigns, in its own Assign, in its catchers' and in its rules'. */
export function assignments(state: JsonObject, at: string): { readonly variable: string; readonly place: string }[] {
  const handlers = ['Catch', 'Choices'].flatMap((field) => {
    const list = state[field];
    return Array.isArray(list) ? list.map((entry, i) => ({ entry, at: `${at}/${field}[${i}]` })) : [];
  });
  return [{ entry: state as Json, at }, ...handlers].flatMap(({ entry, at }) => {
    const assign = isObject(entry) ? entry.Assign : undefined;
    return isObject(assign) ? Object.keys(assign).map((key) => ({ variable: key.replace(/\.\$$/, ''), place: `${at}/Assign/${key}` })) : [];
  });
}

interface Use {
  readonly name: string;
  readonly path: string;
}

/** Where an expression has to stand, one that does not parse was refused before; elsewhere, as in ErrorEquals, it is a text. */
function ofExpression(names: () => string[]): string[] {
  try {
    return names();
  } catch {
    return [];
  }
}

function jsonataNames(value: Json, path: string): Use[] {
  if (isJsonata(value)) return ofExpression(() => freeNames(expressionText(value))).map((name) => ({ name, path }));
  if (Array.isArray(value)) return value.flatMap((item, i) => jsonataNames(item, `${path}[${i}]`));
  return isObject(value) ? Object.entries(value).flatMap(([key, item]) => jsonataNames(item, `${path}/${key}`)) : [];
}

/** Names that an expression uses without binding them itself. Where a name is bound in one part and free in another, it counts as bound. */
function freeNames(text: string): string[] {
  const used = new Set<string>();
  const bound = new Set<string>();
  const seen = new Set<object>();
  const walk = (node: unknown) => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    const { arguments: parameters, focus, index, lhs, type, value } = node as Record<string, unknown>;
    if (type === 'variable' && typeof value === 'string') used.add(value);
    if (type === 'bind') bound.add((lhs as { value: string }).value);
    if (type === 'lambda') for (const parameter of parameters as { value: string }[]) bound.add(parameter.value);
    for (const name of [focus, index]) if (typeof name === 'string') bound.add(name);
    for (const child of Object.values(node)) walk(child);
  };
  walk(jsonataTree(text));
  return [...used].filter((name) => !bound.has(name) && !BUILT_IN.has(name));
}

/** What is in them is data, whatever it is called, but for names that end with `.$`. */
const TEMPLATES = ['Parameters', 'ResultSelector', 'ItemSelector', 'BatchInput', 'Assign', 'Credentials'];

function jsonPathNames(field: string, value: Json, path: string, inTemplate = TEMPLATES.includes(field)): Use[] {
  if (typeof value === 'string') {
    const isExpression = field.endsWith('.$') || (!inTemplate && (field.endsWith('Path') || field === 'Variable'));
    return isExpression ? ofExpression(() => pathNames(value)).map((name) => ({ name, path })) : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => jsonPathNames(field, item, `${path}[${i}]`, inTemplate));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => jsonPathNames(key, item, `${path}/${key}`, inTemplate || TEMPLATES.includes(key)));
}

function pathNames(text: string): string[] {
  const name = /^\$([A-Za-z_]\w*)/.exec(text)?.[1];
  if (name !== undefined) return [name];
  if (text.startsWith('$')) return [];
  const names = (argument: IntrinsicArgument): string[] => {
    if ('path' in argument) return pathNames(argument.path);
    return 'name' in argument ? argument.arguments.flatMap(names) : [];
  };
  return names(parseIntrinsic(text));
}
