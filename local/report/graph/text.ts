/**
 * Widths of text without a browser. Advance widths of Arial and Helvetica for U+0020 to U+007E in thousandths of the font size
 * (Adobe's core font metrics). Viewers use other sans-serif fonts too: a reserve is added.
 */
const REGULAR = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
  278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
  667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const OTHER = 600;
const WIDE = 1000;
const BOLD = 1.1;
const RESERVE = 1.12;

export interface Font {
  readonly size: number;
  readonly bold?: boolean;
}

export function textWidth(text: string, { size, bold }: Font): number {
  let thousandths = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    thousandths += REGULAR[code - 32] ?? (code >= 0x2e80 ? WIDE : OTHER);
  }
  return (thousandths / 1000) * size * RESERVE * (bold ? BOLD : 1);
}

/** Breaks text between words, and longer words where their parts meet; the last line ends with "…" where it does not fit. */
export function wrap(text: string, font: Font, widest: number, mostLines: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of pieces(text, font, widest)) {
    if (line !== '' && textWidth((line + part).trimEnd(), font) > widest) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  lines.push(line.trimEnd());
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), withEllipsis(lines.slice(mostLines - 1).join(' '), font, widest)];
}

/** Words with the space after them; of a word that is wider than a line, its parts ("Review", "Application"), or else its characters. */
function pieces(text: string, font: Font, widest: number): string[] {
  const fits = (part: string) => textWidth(part.trimEnd(), font) <= widest;
  const words = text.trim().match(/\S+\s*/g) ?? [];
  return words.flatMap((word) => (fits(word) ? [word] : joints(word).flatMap((part) => (fits(part) ? [part] : [...part]))));
}

function joints(word: string): string[] {
  return word.split(/(?<=[\p{Ll}\d])(?=\p{Lu})|(?<=[_\-./:])/u);
}

function withEllipsis(text: string, font: Font, widest: number): string {
  const characters = [...text];
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, font) > widest) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}
