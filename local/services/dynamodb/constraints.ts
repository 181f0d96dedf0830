import { serializationError, validationError } from './errors';

/** Gives what a member violates, or nothing. */
export type Constraint = (value: unknown) => string | undefined;

/**
 * The constraints of an operation's input shape, reported together and before anything else is looked at; in the order in which they
 * are given here, which is DynamoDB's.
 */
export function checkMembers(
  input: Readonly<Record<string, unknown>>,
  constraints: Readonly<Record<string, Constraint>>,
  place = '',
): void {
  const violations = Object.entries(constraints).flatMap(([name, constraint]) => {
    const violation = constraint(input[name] ?? undefined);
    return violation ? [describeViolation(`${place}${name[0].toLowerCase()}${name.slice(1)}`, input[name], violation)] : [];
  });
  if (violations.length > 0) {
    throw validationError(`${violations.length} validation error${violations.length > 1 ? 's' : ''} detected: ${violations.join('; ')}`);
  }
}

function describeViolation(place: string, value: unknown, violation: string): string {
  const shown = value === undefined || value === null ? 'null' : `'${typeof value === 'object' ? JSON.stringify(value) : value}'`;
  return `Value ${shown} at '${place}' failed to satisfy constraint: ${violation}`;
}

export const required: Constraint = (value) => (value === undefined ? 'Member must not be null' : undefined);

export const oneOf =
  (...allowed: readonly string[]): Constraint =>
  (value) =>
    value === undefined || allowed.includes(String(value)) ? undefined : `Member must satisfy enum value set: [${allowed.join(', ')}]`;

export const atLeast =
  (minimum: number): Constraint =>
  (value) =>
    value === undefined || Number(value) >= minimum ? undefined : `Member must have value greater than or equal to ${minimum}`;

export const atMost =
  (maximum: number): Constraint =>
  (value) =>
    value === undefined || Number(value) <= maximum ? undefined : `Member must have value less than or equal to ${maximum}`;

export const lengthWithin =
  (minimum: number, maximum: number): Constraint =>
  (value) => {
    if (value === undefined) return undefined;
    const length = lengthOf(value);
    if (length < minimum) return `Member must have length greater than or equal to ${minimum}`;
    return length > maximum ? `Member must have length less than or equal to ${maximum}` : undefined;
  };

/** The first that is violated. */
export const all =
  (...constraints: readonly Constraint[]): Constraint =>
  (value) =>
    constraints.map((constraint) => constraint(value)).find((violation) => violation !== undefined);

const namePattern: Constraint = (value) =>
  value === undefined || /^[a-zA-Z0-9_.-]+$/.test(String(value))
    ? undefined
    : 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+';

/** A name, or an ARN. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html#DDB-GetItem-request-TableName */
export const tableName: Constraint = (value) =>
  typeof value === 'string' && value.startsWith('arn:')
    ? lengthWithin(1, 1024)(value)
    : all(required, lengthWithin(1, 255), namePattern)(value);

export const newName: Constraint = all(required, lengthWithin(3, 255), namePattern);

export const indexName: Constraint = all(lengthWithin(3, 255), namePattern);

export const returnConsumedCapacity = oneOf('INDEXES', 'TOTAL', 'NONE');

export const returnItemCollectionMetrics = oneOf('SIZE', 'NONE');

export const returnValues = oneOf('ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW');

export const returnValuesOnConditionCheckFailure = oneOf('ALL_OLD', 'NONE');

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return Object.keys(value as object).length;
}

/** A member that a state machine may have given as something else. */
export function listOf<T>(value: unknown): readonly T[] {
  if (!Array.isArray(value)) throw serializationError('Unexpected field type');
  return value;
}
