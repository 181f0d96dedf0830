/** Values as XML, by their shapes. What a shape says is looked up once: a page of S3's keys has ten thousand elements. */
import { type Member, memberOf, membersOf, Scalar, type ServiceModel, type Shape, shapeOf } from './model';
import { scalarToText } from './scalars';

type Write = (value: unknown) => string;

const known = new WeakMap<Shape, ReadonlyMap<string, Write>>();

/** The members of a structure, or some of them, one after another. */
export function writeMembers(
  model: ServiceModel,
  shape: Shape | number,
  given: Readonly<Record<string, unknown>>,
  names?: readonly string[],
): string {
  const writers = writersOf(model, shape as Shape);
  let text = '';
  for (const name of names ?? writers.keys()) {
    const value = given[name];
    if (value !== undefined && value !== null) text += (writers.get(name) as Write)(value);
  }
  return text;
}

function writersOf(model: ServiceModel, shape: Shape): ReadonlyMap<string, Write> {
  const made =
    known.get(shape) ?? new Map(Object.entries(membersOf(shape)).map(([name, member]) => [name, elementWriter(model, name, member)]));
  known.set(shape, made);
  return made;
}

/** `name` gives way to the member's own XML name. */
function elementWriter(model: ServiceModel, name: string, member: Member): Write {
  const { ref, traits } = memberOf(member);
  const tag = traits.xmlName ?? name;
  const shape = shapeOf(model, ref);
  const inside = (write: Write): Write => {
    const [open, close] = [`<${tag}>`, `</${tag}>`];
    return (value) => open + write(value) + close;
  };
  if (shape === Scalar.STRING) return inside((value) => escapeXml(String(value)));
  if (typeof shape === 'number') return inside((value) => scalarToText(shape, value));
  if (shape[0] === 1) {
    const item = elementWriter(model, traits.xmlFlattened ? tag : 'member', shape[1]);
    const items: Write = (value) => joined(value as unknown[], item);
    return traits.xmlFlattened ? items : inside(items);
  }
  if (shape[0] === 2) {
    const wrap = traits.xmlFlattened ? tag : 'entry';
    const [key, item] = [elementWriter(model, 'key', shape[1]), elementWriter(model, 'value', shape[2])];
    const entries: Write = (value) =>
      joined(Object.entries(value as object), (entry) => {
        const [name, inner] = entry as [string, unknown];
        return `<${wrap}>${key(name)}${item(inner)}</${wrap}>`;
      });
    return traits.xmlFlattened ? entries : inside(entries);
  }
  // Looked up as it is written: a structure may have itself inside.
  return inside((value) => writeMembers(model, shape, value as Record<string, unknown>));
}

function joined(items: readonly unknown[], write: Write): string {
  let text = '';
  for (const item of items) if (item !== undefined && item !== null) text += write(item);
  return text;
}

export function escapeXml(text: string): string {
  // A carriage return would be read as a line feed: XML 1.0, section 2.11. Other control characters S3 writes like this too.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
  return text.replace(/[&<>"\x00-\x08\x0b-\x1f]/g, (character) => `&#${character.charCodeAt(0)};`);
}
