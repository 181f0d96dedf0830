import type { Invariant } from '../local/sweep';

/** @param gate construct path of an `ObjectGate` */
export const nobodyWaits = (gate: string): Invariant => ({
  name: 'nobody is left waiting for data, with a task token in the table',
  holds: ({ cloud, runs }) =>
    runs.some(({ status }) => status === 'RUNNING')
      ? []
      : cloud
          .table(`${gate}/Waiters`)
          .items()
          .map((row) => `a row is left: ${JSON.stringify(row).slice(0, 200)}`),
});
