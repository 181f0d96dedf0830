import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Value = string | number | { readonly [name: string]: Value | undefined };
export type Attributes = Record<string, AttributeValue>;

/** Into DynamoDB's form. What is undefined is left out. */
export function toAttributes(values: { readonly [name: string]: Value | undefined }): Attributes {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, toAttribute(value)]])));
}

function toAttribute(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { M: toAttributes(value) };
}

/** Out of DynamoDB's form: texts, numbers and maps, which are all that a row has. */
export function fromAttributes(attributes: Attributes): Record<string, Value> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { S, N, M }]) => [name, S ?? (M ? fromAttributes(M) : Number(N))]));
}
