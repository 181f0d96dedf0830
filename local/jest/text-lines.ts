/** A JSON value in indented lines, one fact a line: for people, and for a line-by-line diff. */
export function lines(value: unknown, depth: number): string {
  return write(value, depth).join('\n');
}

function write(value: unknown, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value)) return value.length === 0 ? [`${indent}[]`] : value.flatMap((item) => listItem(item, depth));
  if (typeof value !== 'object' || value === null) return scalar(value).map((line) => `${indent}${line}`);
  const members = Object.entries(value);
  if (members.length === 0) return [`${indent}{}`];
  return members.flatMap(([name, member]) => {
    if (isEmptyOrScalar(member)) {
      const [first, ...rest] = write(member, 0);
      return [`${indent}${name}: ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
    }
    return [`${indent}${name}:`, ...write(member, depth + 1)];
  });
}

function listItem(item: unknown, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return write(item, 0).map((line, i) => `${indent}${i === 0 ? '- ' : '  '}${line}`);
}

function isEmptyOrScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

/** Text stands as it is, unless it could be taken for something else; JSONata in several lines keeps its lines. */
function scalar(value: unknown): string[] {
  if (typeof value !== 'string') return [JSON.stringify(value)];
  if (value.includes('\n')) return ['|', ...value.split('\n')];
  return [/^$|^\s|\s$|^(true|false|null|-?[0-9.]+|\[\]|\{\}|\|)$/.test(value) ? JSON.stringify(value) : value];
}
