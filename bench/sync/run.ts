/** One load, in a process of its own: `run.ts <definition> <objects> <first|changed>` writes what it measured as JSON. */
import type { Load } from './load';
import { usd } from './model';
import { ours } from './ours';
import { reference } from './reference';

async function main(definition: string, objects: number, kind: Load['kind']): Promise<void> {
  const load: Load = { objects, kind };
  const begin = process.hrtime.bigint();
  const measured = await ours(load, definition);
  const realSeconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const published = reference(load);
  const priced = [measured, published].map((figures) => ({ ...figures, usd: usd(figures) }));
  console.log(JSON.stringify({ ...load, realSeconds, ours: priced[0], reference: priced[1] }));
}

const [definition, objects, kind] = process.argv.slice(2);
main(definition, Number(objects), kind as Load['kind']).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
