import { type AttributeValue, parseValue } from './attribute-value';
import { serializationError, validationError } from './errors';

export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, unknown>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
}

/** `ExpressionAttributeNames` and `ExpressionAttributeValues`, shared by the expressions of one request. Each must be used somewhere. */
export class Placeholders {
  private readonly names: ReadonlyMap<string, string>;
  private readonly values: ReadonlyMap<string, AttributeValue>;
  private readonly used = new Set<string>();

  constructor(input: PlaceholderInput) {
    this.names = readAliases(input.ExpressionAttributeNames, 'ExpressionAttributeNames', /^#[0-9a-zA-Z_]+$/, (name) => {
      if (typeof name !== 'string') throw serializationError('Unexpected field type');
      return name;
    });
    this.values = readAliases(input.ExpressionAttributeValues, 'ExpressionAttributeValues', /^:[0-9a-zA-Z_]+$/, (value) =>
      parseValue(value),
    );
  }

  name(alias: string): string | undefined {
    this.used.add(alias);
    return this.names.get(alias);
  }

  value(alias: string): AttributeValue | undefined {
    this.used.add(alias);
    return this.values.get(alias);
  }

  checkAllUsed(): void {
    this.checkUsed('ExpressionAttributeNames', [...this.names.keys()]);
    this.checkUsed('ExpressionAttributeValues', [...this.values.keys()]);
  }

  private checkUsed(parameter: string, aliases: readonly string[]): void {
    const unused = aliases.filter((alias) => !this.used.has(alias));
    if (unused.length > 0) throw validationError(`Value provided in ${parameter} unused in expressions: keys: {${unused.join(', ')}}`);
  }
}

function readAliases<T>(
  input: Readonly<Record<string, unknown>> | undefined,
  parameter: string,
  pattern: RegExp,
  read: (value: unknown) => T,
): ReadonlyMap<string, T> {
  if (!input) return new Map();
  const entries = Object.entries(input);
  if (entries.length === 0) throw validationError(`${parameter} must not be empty`);
  const invalid = entries.find(([alias]) => !pattern.test(alias));
  if (invalid) throw validationError(`${parameter} contains invalid key: Syntax error; key: "${invalid[0]}"`);
  return new Map(entries.map(([alias, value]) => [alias, read(value)]));
}
