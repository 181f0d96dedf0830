/** One size, in a process of its own: `run.ts <cdk.out> <items>` writes what it measured as JSON. */

import { LocalCloud } from '../../local';
import { allResources } from '../../local/assembly';
import { transitions } from '../../local/engine';
import { costOf } from '../../local/report/cost';
import { KEY } from './stack';

const LINES_AT_ONCE = 10_000;

function lines(items: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < items; at += LINES_AT_ONCE) {
    const ids = Array.from({ length: Math.min(LINES_AT_ONCE, items - at) }, (_, i) => at + i);
    chunks.push(Buffer.from(ids.map((id) => `{"id":${id},"amount":${id % 97}}\n`).join('')));
  }
  return Buffer.concat(chunks);
}

/** What is still reachable: records, histories, what is in the buckets. */
function held(): number {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}

async function main(directory: string, items: number): Promise<void> {
  const cloud = await LocalCloud.fromAssembly(directory);
  await cloud.bucket('Lines').put(KEY, lines(items));
  const before = process.resourceUsage().maxRSS;
  const begin = process.hrtime.bigint();
  const run = await cloud.stateMachine('Doubling').start({});
  await run.finished();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const peak = process.resourceUsage().maxRSS / 1024;
  if (run.status !== 'SUCCEEDED') throw new Error(`${run.status}: ${run.error} ${run.cause}`);
  const { counts } = run.output as { counts: Record<string, number> };
  const rejected = Math.floor(items / 1000);
  if (counts.succeeded !== items - rejected || counts.rejected !== rejected) throw new Error(`it counted ${JSON.stringify(counts)}`);
  const resources = cloud.stacks.flatMap(allResources);
  const parent = cloud.execution(run.arn);
  const mapRuns = cloud.mapRuns();
  const cost = costOf({ calls: cloud.calls, resources, mails: cloud.outbox, executions: cloud.executions(), mapRuns });
  console.log(
    JSON.stringify({
      items,
      children: mapRuns.reduce((sum, { executionCounts }) => sum + executionCounts.total, 0),
      transitions: transitions(parent.history),
      calls: cloud.calls.length,
      virtualSeconds: ((parent.stopDate ?? 0) - parent.startDate) / 1000,
      seconds,
      usd: cost.usd,
      startMb: before / 1024,
      peakMb: peak,
      heldMb: held(),
    }),
  );
  await cloud.dispose();
}

const [directory, items] = process.argv.slice(2);
main(directory, Number(items));
