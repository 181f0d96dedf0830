/** The query protocol: form parameters in, XML out. Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import { memberOf, membersOf, type Ref, type ServiceModel, shapeOf } from './model';
import { scalarFromText, serializationError } from './scalars';
import { writeMembers } from './xml-writer';

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
  const result = writeMembers(model, shapeOf(model, output), (value ?? {}) as Record<string, unknown>);
  return (
    `<${operation}Response xmlns="${model.xmlNamespace}"><${operation}Result>${result}</${operation}Result>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`
  );
}
