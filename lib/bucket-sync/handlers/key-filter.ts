/**
 * Which keys take part: those that a pattern of `include` has (all, without any) and none of `exclude`. `*` is any text without "/", `**`
 * any text, `?` one character that is no "/".
 */
export function keyFilter(include: readonly string[], exclude: readonly string[]): (key: string) => boolean {
  const [wanted, unwanted] = [include.map(regularExpression), exclude.map(regularExpression)];
  return (key) => (wanted.length === 0 || wanted.some((one) => one.test(key))) && !unwanted.some((one) => one.test(key));
}

function regularExpression(pattern: string): RegExp {
  const parts = pattern.match(/\*\*|\*|\?|[^*?]+/g) ?? [];
  return new RegExp(`^${parts.map((part) => WILDCARDS[part] ?? part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('')}$`, 'su');
}

const WILDCARDS: Readonly<Record<string, string>> = { '**': '.*', '*': '[^/]*', '?': '[^/]' };
