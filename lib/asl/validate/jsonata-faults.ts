import { jsonataTree } from '../jsonata';

export interface JsonataFault {
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  readonly message: string;
}

/**
 * What AWS refuses an expression for, as measured by others: https://github.com/floci-io/floci/pull/2699 and
 * https://github.com/floci-io/floci/pull/2786
 * @param offered what `$states` has in this place
 */
export function jsonataFaults(text: string, offered: readonly string[]): JsonataFault[] {
  let ast: Node;
  try {
    ast = jsonataTree(text) as Node;
  } catch (error) {
    return [{ code: 'INVALID_JSONATA_EXPRESSION', message: (error as Error).message }];
  }
  const newer = newerOperator(ast);
  // AWS's JSONata is 2.0: what came later are two operators to it, of which the second can't begin an expression.
  if (newer) return [{ code: 'INVALID_JSONATA_EXPRESSION', message: `The symbol "${newer}" cannot be used as a unary operator` }];
  const messages = [
    ...[...new Set(topLevelNames(ast))].map(referenceFault),
    ...[...new Set(statesFields(ast))]
      .filter((field) => !offered.includes(field))
      .map((field) => `Field '$states.${field}' does not exist.`),
  ];
  return messages.map((message) => ({ code: 'UNSUPPORTED_JSONATA_EXPRESSION', message }));
}

/** What the parser gives; which fields there are depends on the type. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly arguments?: readonly Node[];
  readonly body?: Node;
  readonly condition?: Node;
  readonly else?: Node;
  readonly expression?: Node;
  readonly expressions?: readonly Node[];
  readonly lhs?: Node | readonly (readonly Node[])[];
  readonly procedure?: Node;
  readonly rhs?: Node;
  readonly steps?: readonly Node[];
  readonly then?: Node;
}

function referenceFault(name: string): string {
  return name === '$$' ? `Reference to '$$' is not supported.` : `Reference to '${name}' at the top level is not supported.`;
}

/** Names that would be read from a context, of which there is none: first steps of paths, but for those inside of predicates and later steps. */
function topLevelNames(node: Node): string[] {
  if (node.type === 'path') return node.steps ? topLevelNames(node.steps[0]) : [];
  if (node.type === 'name') return [String(node.value)];
  if (node.type === 'variable') return node.value === '' || node.value === '$' ? [`$${node.value}`] : [];
  const { body, condition, expression, expressions = [], lhs, procedure, rhs, then } = node;
  const pairs = Array.isArray(lhs) ? (lhs as readonly (readonly Node[])[]).flat() : [lhs as Node | undefined];
  return [condition, then, node.else, ...pairs, rhs, expression, ...expressions, procedure, ...argumentsOf(node), body].flatMap((inner) =>
    inner ? topLevelNames(inner) : [],
  );
}

/** A lambda's are its parameters. */
function argumentsOf(node: Node): readonly Node[] {
  return node.type === 'lambda' ? [] : (node.arguments ?? []);
}

/** The names right after `$states`, wherever it stands. */
function statesFields(ast: Node): string[] {
  return nodes(ast).flatMap(({ type, steps }) => {
    if (type !== 'path' || !steps || steps.length < 2) return [];
    const [first, second] = steps;
    return first.type === 'variable' && first.value === 'states' && second.type === 'name' ? [String(second.value)] : [];
  });
}

/** Both operators are parsed into conditions whose parts stand in the same place of the text. */
function newerOperator(ast: Node): '?' | ':' | undefined {
  for (const { type, condition, then } of nodes(ast)) {
    if (type !== 'condition' || !condition || !then) continue;
    if (samePlace(condition, then)) return ':';
    const [tested] = condition.procedure?.value === 'exists' ? (condition.arguments ?? []) : [];
    if (tested && samePlace(tested, then)) return '?';
  }
  return undefined;
}

function samePlace(one: Node, other: Node): boolean {
  return place(one) !== undefined && place(one) === place(other);
}

function place({ position, steps }: Node): number | undefined {
  return position ?? steps?.[0]?.position;
}

function nodes(ast: Node): Node[] {
  const found = new Set<Node>();
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null || found.has(value)) return;
    found.add(value);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(ast);
  return [...found];
}
