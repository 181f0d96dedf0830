import { type AttributeValue, attribute, type Item } from './attribute-value';

/** `invoice.lines[2].price`: names and list positions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html */
export type DocumentPath = readonly (string | number)[];

export const describePath = (path: DocumentPath): string =>
  `[${path.map((element) => (typeof element === 'number' ? `[${element}]` : element)).join(', ')}]`;

export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const element of path) {
    if (value === undefined) return undefined;
    if (typeof element === 'string') value = 'M' in value ? attribute(value.M, element) : undefined;
    else value = 'L' in value ? value.L[element] : undefined;
  }
  return value;
}

export const samePath = (a: DocumentPath, b: DocumentPath): boolean => a.length === b.length && a.every((element, i) => element === b[i]);

/** What two paths of one expression do to each other: one holds the other, or they take one place for a map and a list. */
export function clash(a: DocumentPath, b: DocumentPath): 'overlap' | 'conflict' | undefined {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (typeof a[i] !== typeof b[i]) return 'conflict';
    if (a[i] !== b[i]) return undefined;
  }
  return 'overlap';
}

/** The parts of an item that the paths name, each in its place; list elements close up. */
export function project(item: Item, paths: readonly DocumentPath[]): Item {
  const root = new Branch();
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value !== undefined) root.add(path, value);
  }
  return (root.value() as { M: Item }).M;
}

class Branch {
  private readonly children = new Map<string | number, Branch>();
  private leaf?: AttributeValue;

  add([head, ...rest]: DocumentPath, value: AttributeValue): void {
    let child = this.children.get(head);
    if (!child) {
      child = new Branch();
      this.children.set(head, child);
    }
    if (rest.length === 0) child.leaf = value;
    else child.add(rest, value);
  }

  value(): AttributeValue {
    if (this.leaf) return this.leaf;
    const entries = [...this.children];
    if (typeof entries[0]?.[0] === 'number') {
      return { L: entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child.value()) };
    }
    return { M: Object.fromEntries(entries.map(([name, child]) => [name, child.value()])) };
  }
}
