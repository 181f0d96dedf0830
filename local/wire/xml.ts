/** XML, as much of it as AWS's protocols use: elements, text, character references. Attributes and namespaces carry nothing there. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** The text directly inside, joined. */
  readonly text: string;
}

const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s<>/]+)[^<>]*?(\/?)>|([^<]+)/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The root element. @throws if the text is no well-formed document */
export function parseXml(text: string): XmlElement {
  const document = { name: '', children: [] as XmlElement[], text: '' };
  const open = [document];
  let end = 0;
  for (const token of text.replace(/^\uFEFF/, '').matchAll(TOKEN)) {
    if (token.index !== end) throw new Error(`unexpected markup at ${end}`);
    end += token[0].length;
    const [, cdata, closing, tag, empty, characters] = token;
    const inner = open[open.length - 1];
    if (cdata !== undefined) inner.text += cdata;
    else if (characters !== undefined) inner.text += unescapeXml(characters);
    else if (tag === undefined) continue;
    else if (closing) {
      if (open.length === 1 || inner.name !== localName(tag)) throw new Error(`</${tag}> closes nothing`);
      open.pop();
    } else {
      const element = { name: localName(tag), children: [], text: '' };
      inner.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (end < text.replace(/^\uFEFF/, '').length || open.length > 1) throw new Error('the document ends too early');
  if (document.children.length !== 1 || document.text.trim() !== '') throw new Error('a document has one root element');
  return document.children[0];
}

const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1);

function unescapeXml(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);|&/gi, (found, name?: string) => {
    if (name?.startsWith('#')) return String.fromCodePoint(Number(name[1].toLowerCase() === 'x' ? `0${name.slice(1)}` : name.slice(1)));
    const character = name && ENTITIES[name];
    if (!character) throw new Error(`"${found}" is no entity`);
    return character;
  });
}
