import type { DeployedResource } from './types';

/** What stands for a value that only AWS would know: an attribute of a resource that nothing here makes. */
export interface Placeholder {
  /** Construct path of the resource. */
  readonly resource: string;
  readonly type: string;
  readonly attribute: string;
  readonly value: string;
  /** Construct paths of the resources that were given it. */
  readonly usedBy: readonly string[];
}

/** Those that a template asked for. */
export function placeholdersIn(resources: readonly DeployedResource[]): Placeholder[] {
  return resources
    .filter(({ known }) => !known)
    .flatMap(({ path, type, attributes }) =>
      Object.entries(attributes).map(([attribute, given]) => {
        const value = String(given);
        const usedBy = resources.filter(({ properties }) => mentions(properties, value)).map((user) => user.path);
        return { resource: path, type, attribute, value, usedBy };
      }),
    );
}

/** The one that a call was given, in a text or in bytes. The longest counts: an ARN stands in others too. */
export function placeholderIn(input: unknown, placeholders: readonly Placeholder[]): Placeholder | undefined {
  const found = placeholders.filter(({ value }) => mentions(input, value));
  return found.sort((a, b) => b.value.length - a.value.length)[0];
}

function mentions(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(text);
  return Object.values(value).some((member) => mentions(member, text));
}
