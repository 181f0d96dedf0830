/** The query protocol: form parameters in, XML out. Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import { type Member, memberOf, membersOf, type Ref, type ServiceModel, shapeOf } from './model';
import { scalarFromText, scalarToText, serializationError } from './scalars';

/** "MessageAttributes.entry.1.Name" opened into a tree. */
interface Parameters {
  text?: string;
  children?: Map<string, Parameters>;
}

export function decodeQuery(model: ServiceModel, input: Ref, parameters: URLSearchParams): unknown {
  const root: Parameters = {};
  for (const [key, text] of parameters) {
    let node = root;
    for (const part of key.split('.')) {
      node.children ??= new Map();
      const child: Parameters = node.children.get(part) ?? {};
      node.children.set(part, child);
      node = child;
    }
    node.text = text;
  }
  return decode(model, input, root, {}, '');
}

function decode(model: ServiceModel, ref: Ref, node: Parameters, traits: { xmlFlattened?: 1 }, path: string): unknown {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') {
    if (node.text === undefined) throw serializationError(path, 'a single value', {});
    return scalarFromText(shape, node.text, path);
  }
  if (shape[0] === 1) {
    const element = memberOf(shape[1]);
    return numbered(traits.xmlFlattened ? node : node.children?.get(element.traits.xmlName ?? 'member')).map((child, i) =>
      decode(model, element.ref, child, element.traits, `${path}.${i + 1}`),
    );
  }
  if (shape[0] === 2) {
    const [key, element] = [memberOf(shape[1]), memberOf(shape[2])];
    const entries = numbered(traits.xmlFlattened ? node : node.children?.get('entry'));
    return Object.fromEntries(
      entries.map((entry) => {
        const name = entry.children?.get(key.traits.xmlName ?? 'key')?.text ?? '';
        return [
          name,
          decode(model, element.ref, entry.children?.get(element.traits.xmlName ?? 'value') ?? {}, element.traits, `${path}.${name}`),
        ];
      }),
    );
  }
  const decoded: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(membersOf(shape))) {
    const target = memberOf(member);
    const child = node.children?.get(target.traits.xmlName ?? name);
    if (child) decoded[name] = decode(model, target.ref, child, target.traits, path ? `${path}.${name}` : name);
  }
  return decoded;
}

/** The children "1", "2", … in their order. */
function numbered(node: Parameters | undefined): Parameters[] {
  return [...(node?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

export function encodeQuery(model: ServiceModel, operation: string, output: Ref, value: unknown, requestId: string): string {
  const shape = shapeOf(model, output);
  const result = Object.entries(membersOf(shape))
    .map(([name, member]) => element(model, name, member, (value as Record<string, unknown>)?.[name]))
    .join('');
  return (
    `<${operation}Response xmlns="${model.xmlNamespace}"><${operation}Result>${result}</${operation}Result>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`
  );
}

/** A member as XML; `name` gives way to the member's own XML name. */
export function element(model: ServiceModel, name: string, member: Member, value: unknown): string {
  if (value === undefined || value === null) return '';
  const { ref, traits } = memberOf(member);
  const tag = traits.xmlName ?? name;
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return `<${tag}>${escapeXml(scalarToText(shape, value))}</${tag}>`;
  if (shape[0] === 1) {
    const items = (value as unknown[]).map((item) => element(model, traits.xmlFlattened ? tag : 'member', shape[1], item)).join('');
    return traits.xmlFlattened ? items : `<${tag}>${items}</${tag}>`;
  }
  if (shape[0] === 2) {
    const wrap = traits.xmlFlattened ? tag : 'entry';
    const entries = Object.entries(value as object)
      .map(([key, item]) => `<${wrap}>${element(model, 'key', shape[1], key)}${element(model, 'value', shape[2], item)}</${wrap}>`)
      .join('');
    return traits.xmlFlattened ? entries : `<${tag}>${entries}</${tag}>`;
  }
  const members = Object.entries(membersOf(shape)).map(([key, inner]) =>
    element(model, key, inner, (value as Record<string, unknown>)[key]),
  );
  return `<${tag}>${members.join('')}</${tag}>`;
}

export function escapeXml(text: string): string {
  // A carriage return would be read as a line feed: XML 1.0, section 2.11. Other control characters S3 writes like this too.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
  return text.replace(/[&<>"\x00-\x08\x0b-\x1f]/g, (character) => `&#${character.charCodeAt(0)};`);
}
