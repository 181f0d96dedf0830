import { withAssembly } from '../app-assembly';
import { configFrom, configOf, type GuardConfig } from '../rehearsal/guard-config';
import { type RehearsedCase, rehearse as rehearseAll } from '../rehearsal/rehearsal';
import { readArchive } from '../rehearsal/trail-archive';
import { readInput } from './read-input';
import { UsageError } from './usage-error';

/** `stepworks rehearse <archive>`. */
export interface RehearseOptions {
  readonly archive?: string;
  readonly config?: string;
  readonly app?: string;
  readonly json?: boolean;
}

const SIGNS: Readonly<Record<RehearsedCase['outcome'], string>> = {
  COMPLIANT: '✓',
  CONTAINED: '✗',
  REPORTED: '!',
  EXEMPT: '○',
  BREAK_GLASS: '○',
  UNKNOWN: '?',
};

/** Says what a PolicyGuard would have done about the calls in an archive of CloudTrail. Exit code 0, whatever it finds. */
export async function rehearse({ archive, config, app, json }: RehearseOptions): Promise<number> {
  if (archive === undefined)
    throw new UsageError('rehearse what? The folder that holds what CloudTrail has written to its bucket, or one file of it');
  if ((config === undefined) === (app === undefined)) throw new UsageError('rehearse takes either --config guard.json or --app');
  const { rules, unknownPrincipals } = await configure(config, app);
  const { files, records } = readArchive(archive);
  const cases = rehearseAll(records, rules);
  const counts = countsOf(cases);
  const summary = { files, records: records.length, writes: cases.length, counts, unknownPrincipals };
  if (json) {
    for (const one of [...cases, { summary }]) process.stdout.write(`${JSON.stringify(one)}\n`);
    return 0;
  }
  for (const one of cases.filter(({ outcome }) => outcome !== 'COMPLIANT')) print(one);
  process.stdout.write(`${sum(summary)}\n`);
  return 0;
}

async function configure(config: string | undefined, app: string | undefined): Promise<GuardConfig> {
  if (config !== undefined) return configFrom(readInput(config), `the file '${config}'`);
  return withAssembly(app ?? '', async (assembly) => configOf(assembly));
}

function print({ outcome, at, call, actor, policy, reason, containment, lockedOut }: RehearsedCase): void {
  const lines = [`${SIGNS[outcome]} ${at}  ${outcome}  ${call} by ${actor}`, `    ${policy}`, `    ${reason}`];
  if (outcome === 'CONTAINED') lines.push(`    ${containment}`);
  for (const { principal, used } of lockedOut) {
    const uses = used.map(({ action, times, last }) => `${action} ${times} ${times === 1 ? 'time' : 'times'}, last ${last}`);
    lines.push(
      `    locked out: ${principal}${uses.length === 0 ? ', who used nothing of it later' : `, who later used ${uses.join('; ')}`}`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function countsOf(cases: readonly RehearsedCase[]): Partial<Record<RehearsedCase['outcome'], number>> {
  const counts: Partial<Record<RehearsedCase['outcome'], number>> = {};
  for (const { outcome } of cases) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

interface Summary {
  readonly files: number;
  readonly records: number;
  readonly writes: number;
  readonly counts: Partial<Record<RehearsedCase['outcome'], number>>;
  readonly unknownPrincipals: number;
}

function sum({ files, records, writes, counts, unknownPrincipals }: Summary): string {
  const parts = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome.toLowerCase().replace('_', '-')}`);
  const note =
    unknownPrincipals === 0
      ? ''
      : `\n${unknownPrincipals} of the guard's principals have names that only the deployed stack knows, and were not counted: give --config with them`;
  return `${files} files, ${records} records, ${writes} writes of policies${parts.length > 0 ? `: ${parts.join(', ')}` : ''}${note}`;
}
