import type { SFNClient } from '@aws-sdk/client-sfn';
import { type Claim, type LeaseRow, type LeaseTable, readLeases, type Taken, take } from './leases';
import { hasEnded } from './runs';

export interface ContendEvent extends Claim {
  readonly limit: number;
  /** Epoch milliseconds. */
  readonly waitUntil: number;
}

export interface ContendServices {
  readonly table: LeaseTable;
  readonly sfn: SFNClient;
}

/** Others hold the lease. It may be tried again. */
export class LeaseHeld extends Error {
  override readonly name = 'LeaseHeld';
}

/** Others hold the lease, and the time to wait is over. */
export class LeaseBusy extends Error {
  override readonly name = 'LeaseBusy';
}

/** The table can't be read or written at present. */
export class LeasesUnavailable extends Error {
  override readonly name = 'LeasesUnavailable';
}

/** Takes a lease if nobody holds it, or the holder's time is over or the holder's run has ended. */
export async function contend({ table, sfn }: ContendServices, event: ContendEvent): Promise<Taken> {
  let rows: LeaseRow[];
  let taken: Taken | undefined;
  try {
    rows = await readLeases(table, event.key);
    taken = (await takeFree(table, event, rows)) ?? (await takeFromEnded(table, sfn, event, rows));
  } catch (error) {
    throw new LeasesUnavailable(`the leases of ${JSON.stringify(event.key)}: ${error instanceof Error ? error.message : error}`);
  }
  if (taken) return taken;
  const holders = rows.filter(({ slot, holder }) => holder !== undefined && slot < event.limit);
  const message = `${JSON.stringify(event.key)} is held by ${holders.map(inWords).join(' and ') || 'others'}`;
  throw Date.now() < event.waitUntil ? new LeaseHeld(message) : new LeaseBusy(message);
}

/** The own first: the answer to an earlier attempt may have got lost. */
async function takeFree(table: LeaseTable, event: ContendEvent, rows: readonly LeaseRow[]): Promise<Taken | undefined> {
  const own = rows.find(({ holder }) => holder === event.holder);
  if (own) return take(table, event, own.slot);
  const now = Date.now();
  for (let slot = 0; slot < event.limit; slot++) {
    const row = rows.find((candidate) => candidate.slot === slot);
    if (row?.holder !== undefined && (row.expiresAt ?? 0) > now) continue;
    const taken = await take(table, event, slot);
    if (taken) return taken;
  }
  return undefined;
}

async function takeFromEnded(
  table: LeaseTable,
  sfn: SFNClient,
  event: ContendEvent,
  rows: readonly LeaseRow[],
): Promise<Taken | undefined> {
  const ended = new Map<string, boolean>();
  for (const { slot, holder, execution } of rows) {
    if (holder === undefined || execution === undefined || slot >= event.limit) continue;
    if (!ended.has(execution)) ended.set(execution, await knownToHaveEnded(sfn, execution));
    const taken = ended.get(execution) ? await take(table, event, slot, holder) : undefined;
    if (taken) return taken;
  }
  return undefined;
}

/** Who can't be asked about is taken to be at work: its lease expires. */
async function knownToHaveEnded(sfn: SFNClient, execution: string): Promise<boolean> {
  try {
    return await hasEnded(sfn, execution);
  } catch (error) {
    console.error(JSON.stringify({ level: 'ERROR', outcome: 'holder not described', execution, error: (error as Error).name }));
    return false;
  }
}

function inWords({ execution, expiresAt = 0 }: LeaseRow): string {
  return `${execution} until ${new Date(expiresAt).toISOString()}`;
}
