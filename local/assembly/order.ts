import { attributeReference, intrinsicOf, substitutions } from './intrinsics';

/** The names that a value refers to by Ref, Fn::GetAtt and Fn::Sub. Of an Fn::If only the branch that is taken counts. */
export function* references(value: unknown, condition: (name: string) => boolean): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) yield* references(element, condition);
    return;
  }
  const call = intrinsicOf(value);
  if (call?.name === 'Ref') {
    yield String(call.argument);
  } else if (call?.name === 'Fn::GetAtt') {
    const [logicalId, attribute] = attributeReference(call.argument);
    yield logicalId;
    yield* references(attribute, condition);
  } else if (call?.name === 'Fn::Sub') {
    const [text, variables = {}] = Array.isArray(call.argument) ? call.argument : [call.argument];
    for (const name of substitutions(String(text))) {
      if (!Object.hasOwn(variables, name.trim())) yield name.trim().split('.')[0];
    }
    yield* references(variables, condition);
  } else if (call?.name === 'Fn::If' && Array.isArray(call.argument)) {
    const [name, yes, no] = call.argument;
    yield* references(condition(String(name)) ? yes : no, condition);
  } else {
    for (const member of Object.values(value)) yield* references(member, condition);
  }
}

/** Ids in an order in which each comes after what it depends on; otherwise as they stand. Throws naming a cycle. */
export function inOrder(dependencies: ReadonlyMap<string, Iterable<string>>): string[] {
  const sorted: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string) => {
    if (done.has(id)) return;
    const start = path.indexOf(id);
    if (start >= 0) throw new Error(`circular dependency: ${[...path.slice(start), id].join(' → ')}`);
    path.push(id);
    for (const dependency of dependencies.get(id) ?? []) if (dependencies.has(dependency)) visit(dependency);
    path.pop();
    done.add(id);
    sorted.push(id);
  };
  for (const id of dependencies.keys()) visit(id);
  return sorted;
}
