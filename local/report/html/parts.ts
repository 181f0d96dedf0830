import { WORDS } from '../graph';
import { MARKS } from '../graph/shapes';
import { type Markup, markup, type Part } from '../markup';
import type { VisitStatus } from '../visits';

/** Longer values are cut: a report stays readable, and small. */
const LONGEST_VALUE = 4_000;

/** A sign of how something ended, said to those who don't see it. */
export function statusSign(status: VisitStatus, word: string = WORDS[status]): Markup {
  return markup`<svg class="status ${status}" viewBox="0 0 10 10" role="img" aria-label="${word}"><path d="${MARKS[status]}"/></svg>`;
}

/** A value under its label; nothing where there is none. @param json JSON text */
export function labelledJson(label: string, json: string | undefined): Markup | undefined {
  return json === undefined ? undefined : labelledText(label, indented(json));
}

export function labelledText(label: string, text: string | undefined): Markup | undefined {
  if (text === undefined) return undefined;
  return markup`<p class="label">${label}</p><pre tabindex="0" aria-label="${label}">${shortened(text)}</pre>
`;
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}

function shortened(text: string): string {
  if (text.length <= LONGEST_VALUE) return text;
  // Not through the middle of a character.
  const end = /[\ud800-\udbff]/.test(text[LONGEST_VALUE - 1]) ? LONGEST_VALUE - 1 : LONGEST_VALUE;
  return `${text.slice(0, end)}\n… ${(text.length - end).toLocaleString('en')} more characters are left out`;
}

export interface Column {
  readonly head: string;
  readonly numeric?: boolean;
  /** Holds paths and long names, which may break. */
  readonly long?: boolean;
}

/**
 * A table that scrolls by itself where it is too wide, and on a phone shows each row as a block.
 * The first cell of a row names it.
 */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup {
  const align = (index: number) => {
    const { numeric, long } = columns[index];
    return numeric ? markup` class="number"` : long && markup` class="long"`;
  };
  const cellOf = (cell: Part, index: number) => (columns[index].long && typeof cell === 'string' ? breakable(cell) : cell);
  return markup`<div class="scroll"><table class="stack"><caption class="hidden">${caption}</caption><thead><tr>${columns.map(
    ({ head }, index) => markup`<th scope="col"${align(index)}>${head}</th>`,
  )}</tr></thead><tbody>
${rows.map(
  ([first, ...others]) =>
    markup`<tr><th scope="row"${align(0)}>${cellOf(first, 0)}</th>${others.map(
      (cell, index) => markup`<td${align(index + 1)} data-label="${columns[index + 1].head}">${cellOf(cell, index + 1)}</td>`,
    )}</tr>
`,
)}</tbody></table></div>
`;
}

/** A path breaks at its slashes, before it breaks anywhere. */
function breakable(path: string): Markup {
  const [first, ...others] = path.split('/');
  return markup`${first}${others.map((each) => markup`/<wbr>${each}`)}`;
}

/** A part of a scenario that is opened when somebody wants it. */
export function part(title: string, count: string, inside: Part): Markup {
  return markup`<details class="part"><summary>${title} <span class="soft">${count}</span></summary><div class="inside">${inside}</div></details>
`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
