import { seededRandom } from '../../local/seeded-random';
import type { LogLine } from './handlers/log-line';

const SECTIONS = ['/', '/products/42', '/products/7?colour=red', '/cart', '/checkout', '/images/logo.svg'];
const STATUSES = [200, 200, 200, 200, 201, 304, 404, 500];
const START = Date.parse('2026-01-05T00:00:00Z');

/** What is written in the place of a sound field, each in its turn. */
const DEFECTS: readonly Readonly<Record<string, unknown>>[] = [
  { status: '5oo' },
  { time: 'yesterday' },
  { path: undefined },
  { bytes: -1 },
  { method: 'get' },
  { millis: 1.5 },
];

export interface LogObjects {
  /** By key. */
  readonly objects: ReadonlyMap<string, string>;
  readonly sound: readonly LogLine[];
  readonly malformed: readonly unknown[];
}

/**
 * A day of a web server's log, one JSON object a line: the same for the same seed.
 * @param malformed how many of the lines are, spread evenly
 */
export function logObjects(lines: number, { perObject = 1000, malformed = 0, seed = 1 } = {}): LogObjects {
  const random = seededRandom(seed);
  const every = malformed === 0 ? Number.POSITIVE_INFINITY : Math.floor(lines / malformed);
  const objects = new Map<string, string[]>();
  const sound: LogLine[] = [];
  const bad: unknown[] = [];
  for (let i = 0; i < lines; i++) {
    const line: LogLine = {
      time: new Date(START + Math.floor((i * 86_400_000) / lines)).toISOString(),
      method: random() < 0.9 ? 'GET' : 'POST',
      path: SECTIONS[Math.floor(random() * SECTIONS.length)],
      status: STATUSES[Math.floor(random() * STATUSES.length)],
      bytes: Math.floor(random() * 100_000),
      millis: Math.floor(random() ** 4 * 3000),
    };
    const broken = (i + 1) % every === 0 && bad.length < malformed;
    const written = broken ? { ...line, ...DEFECTS[bad.length % DEFECTS.length] } : line;
    if (broken) bad.push(JSON.parse(JSON.stringify(written)));
    else sound.push(line);
    const key = `logs/part-${String(Math.floor(i / perObject)).padStart(4, '0')}.jsonl`;
    if (!objects.has(key)) objects.set(key, []);
    objects.get(key)?.push(JSON.stringify(written));
  }
  return { objects: new Map([...objects].map(([key, written]) => [key, `${written.join('\n')}\n`])), sound, malformed: bad };
}
