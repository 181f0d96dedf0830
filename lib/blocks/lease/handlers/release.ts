import type { SFNClient } from '@aws-sdk/client-sfn';
import { giveBack, type LeaseTable, leasesOf } from './leases';
import { hasEnded } from './runs';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export interface StatusEvent {
  readonly detail: { readonly executionArn: string };
}

export interface ReleaseServices {
  readonly table: LeaseTable;
  readonly sfn: SFNClient;
}

/** Gives back what a run held when it ended. Not if it was redriven since: events come late, and more than once. */
export async function releaseEnded({ table, sfn }: ReleaseServices, { detail: { executionArn } }: StatusEvent): Promise<void> {
  const leases = await leasesOf(table, executionArn);
  if (leases.length === 0 || !(await hasEnded(sfn, executionArn))) return;
  for (const { key, slot, holder } of leases) {
    const done = await giveBack(table, key, slot, holder);
    console.log(JSON.stringify({ level: 'INFO', outcome: done ? 'given back' : 'held by another', key, slot, execution: executionArn }));
  }
}
