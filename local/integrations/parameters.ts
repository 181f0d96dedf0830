/** A task's JSON to an operation's input, and its output back to JSON, by the wire model. */
import type { Json } from '../cloud-types';
import { StatesError } from '../engine/types';
import { memberOf, membersOf, models, type Ref, Scalar, type ServiceModel, shapeOf } from '../wire/model';

/** How members are named and values written: as the AWS SDK for Java 1 does (optimized integrations) or 2 (`aws-sdk:`). */
export type Style = 'java1' | 'java2';

const capitalize = (name: string): string => name[0].toUpperCase() + name.slice(1);

/**
 * The Java SDK 2 writes a leading acronym as a word: `SSEDescription` is `SseDescription`, `BOOL` is `Bool`, and `NULL`, which would be
 * a reserved word, is `Nul`. Source: `NamingStrategy` of aws-sdk-java-v2's code generator.
 */
function javaName(style: Style, member: string): string {
  if (style === 'java1') return capitalize(member);
  if (member === 'NULL') return 'Nul';
  return capitalize(member.replace(/^[A-Z]+(?![a-z])/, (acronym) => acronym.toLowerCase()));
}

export function toInput(service: string, operation: string, style: Style, parameters: Json): Record<string, unknown> {
  const model = models[service];
  const problems: string[] = [];
  const input = fromJson(model, model.operations[operation][0], style, parameters, '', problems);
  if (problems.length > 0) {
    throw new StatesError(
      'States.Runtime',
      `The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: [${problems.join(', ')}]`,
    );
  }
  return input as Record<string, unknown>;
}

function fromJson(model: ServiceModel, ref: Ref, style: Style, value: Json, path: string, problems: string[]): unknown {
  const shape = shapeOf(model, ref);
  const wrong = (kind: string): undefined => {
    problems.push(path ? `The value for the field '${path}' must be ${kind}` : `The parameters must be ${kind}`);
    return undefined;
  };
  const at = (name: string | number): string => (path ? `${path}.${name}` : String(name));
  if (typeof shape === 'number') return scalarFromJson(shape, value, wrong);
  if (shape[0] === 1) {
    if (!Array.isArray(value)) return wrong('an ARRAY');
    return value.map((item, i) => fromJson(model, memberOf(shape[1]).ref, style, item, at(i), problems));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('an OBJECT');
  if (shape[0] === 2) {
    const element = memberOf(shape[2]).ref;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(model, element, style, item, at(key), problems)]));
  }
  const members = membersOf(shape);
  // The API's own name is taken too: AWS documents tasks with either.
  const byName = new Map(
    Object.keys(members).flatMap((name) => [name, capitalize(name), javaName(style, name)].map((alias) => [alias, name])),
  );
  const input: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = byName.get(key);
    if (name === undefined) problems.push(`The field '${at(key)}' is not supported by Step Functions`);
    else if (item !== null) input[name] = fromJson(model, memberOf(members[name]).ref, style, item, at(key), problems);
  }
  return input;
}

function scalarFromJson(code: number, value: Json, wrong: (kind: string) => undefined): unknown {
  switch (code) {
    case Scalar.DOCUMENT:
      return value;
    case Scalar.NUMBER:
      return typeof value === 'number' ? value : wrong('a NUMBER');
    case Scalar.BOOLEAN:
      return typeof value === 'boolean' ? value : wrong('a BOOLEAN');
    case Scalar.STRING:
      return typeof value === 'string' ? value : wrong('a STRING');
    case Scalar.BLOB:
    case Scalar.STREAM:
      return typeof value === 'string' ? Buffer.from(value, 'utf8') : wrong('a STRING');
    default: {
      const date = typeof value === 'string' ? new Date(value) : undefined;
      return date && !Number.isNaN(date.getTime()) ? date : wrong('a TIMESTAMP');
    }
  }
}

export function toOutput(service: string, operation: string, style: Style, output: unknown): Record<string, Json> {
  const model = models[service];
  return toJson(model, model.operations[operation][1], style, output ?? {}, `${service}:${operation}`) as Record<string, Json>;
}

function toJson(model: ServiceModel, ref: Ref, style: Style, value: unknown, path: string): Json {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return scalarToJson(shape, style, value, path);
  if (shape[0] === 1) return (value as unknown[]).map((item) => toJson(model, memberOf(shape[1]).ref, style, item, path));
  if (shape[0] === 2) {
    const element = memberOf(shape[2]).ref;
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, toJson(model, element, style, item, `${path}.${key}`)]),
    );
  }
  const given = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(membersOf(shape))
      .filter(([name]) => given[name] !== undefined && given[name] !== null)
      .map(([name, member]) => [javaName(style, name), toJson(model, memberOf(member).ref, style, given[name], `${path}.${name}`)]),
  );
}

function scalarToJson(code: number, style: Style, value: unknown, path: string): Json {
  switch (code) {
    case Scalar.BLOB:
    case Scalar.STREAM: {
      const bytes = Buffer.from(value as Uint8Array);
      const text = bytes.toString('utf8');
      if (!Buffer.from(text, 'utf8').equals(bytes))
        throw new Error(`${path} is binary: stepworks doesn't know how Step Functions writes that in JSON.`);
      return text;
    }
    case Scalar.TIMESTAMP:
    case Scalar.DATE_TIME:
    case Scalar.HTTP_DATE:
    case Scalar.EPOCH_SECONDS: {
      const date = value instanceof Date ? value : new Date(value as number);
      return style === 'java1' ? date.getTime() : date.toISOString();
    }
    default:
      return value as Json;
  }
}
