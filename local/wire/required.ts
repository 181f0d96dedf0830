import { membersOf, models, shapeOf } from './model';

/** The required members of an operation's input that a request lacks. */
export function missingMembers(service: string, operation: string, input: Readonly<Record<string, unknown>>): string[] {
  const model = models[service];
  const shape = shapeOf(model, model.operations[operation][0]);
  if (typeof shape === 'number' || shape[0] !== 3) return [];
  return Object.keys(membersOf(shape))
    .slice(0, shape[2])
    .filter((name) => input[name] === undefined || input[name] === null);
}

/** As most AWS services say it. Source: recorded answers of DynamoDB and Step Functions, such as "Value null at 'tableName'". */
export function missingMembersMessage(names: readonly string[]): string {
  const problems = names.map(
    (name) => `Value null at '${name[0].toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
  return `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`;
}
