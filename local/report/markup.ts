const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** HTML or SVG that is safe to put into a page. Only `markup` makes it, and `trusted` for what is written by us. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Part = string | number | Markup | undefined | false | readonly Part[];

/** A template whose values are escaped, unless they are markup themselves. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + render(parts[index - 1]) + string));
}

/** Text of our own, never of a run: a style sheet. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return escaped(String(part));
}

function escaped(text: string): string {
  return [...text.replace(/[&<>"']/g, (character) => ENTITIES[character])].map(permitted).join('');
}

/** Control characters and halves of a surrogate pair have no place in HTML and XML; a value may well hold them. */
function permitted(character: string): string {
  const code = character.charCodeAt(0);
  const control = code < 0x20 && !'\t\n\r'.includes(character);
  const half = character.length === 1 && code >= 0xd800 && code <= 0xdfff;
  return control || half || code === 0xfffe || code === 0xffff ? '\ufffd' : character;
}
