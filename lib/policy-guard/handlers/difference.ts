import { shownText } from './shown-text';

const MAX_CHARACTERS = 4000;

/** Two policy documents, line by line: "- " before what the first has alone, "+ " before what the second has. */
export function difference(before: string | undefined, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  return shownText(merge(old, now, commonLengths(old, now)).join('\n'), MAX_CHARACTERS);
}

function linesOf(document: string | undefined): string[] {
  if (document === undefined) return [];
  try {
    return JSON.stringify(JSON.parse(document), undefined, 1).split('\n');
  } catch {
    return document.split('\n');
  }
}

/** How many lines the rests of both have in common, in order, from each pair of places on. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i][j] = old[i] === now[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

function merge(old: readonly string[], now: readonly string[], common: readonly number[][]): string[] {
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(`  ${old[i++]}`);
      j++;
    } else if (j === now.length || (i < old.length && common[i + 1][j] >= common[i][j + 1])) lines.push(`- ${old[i++]}`);
    else lines.push(`+ ${now[j++]}`);
  }
  return lines;
}
