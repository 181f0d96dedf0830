// Writes local/wire/limits.json: what AWS's API models say of the members of answers beyond their types: enumerations, lengths, ranges. The
// SDK's own schemas leave these out; botocore (Apache-2.0) ships the models whole.
//
//   pip download --no-deps botocore==1.41.0    (and a newer one), unzip each, and then
//   node scripts/wire-limits.mjs <botocore 1.41.0>/botocore/data <newer botocore>/botocore/data
//
// Lengths and ranges are those of the first folder, of November 2025, when TestState began to check mocks: what AWS is recorded to refuse
// agrees with it, and not with later ones. AWS adds to its enumerations: their values are those of the last folder.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('usage: node scripts/wire-limits.mjs <botocore/data of November 2025> [<botocore/data of today>]');
  process.exit(2);
}

const wireFile = (name) => fileURLToPath(new URL(`../local/wire/${name}.json`, import.meta.url));
const wire = JSON.parse(gunzipSync(Buffer.from(JSON.parse(readFileSync(wireFile('model'), 'utf8')).gzip, 'base64')).toString());

/** A folder's models by the name that the SDK has for the service. */
function modelsOf(folder) {
  const models = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const newest = readdirSync(join(folder, entry.name)).sort().at(-1);
    try {
      return [JSON.parse(gunzipSync(readFileSync(join(folder, entry.name, newest, 'service-2.json.gz'))).toString())];
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  });
  return new Map(models.map((model) => [model.metadata.serviceId, model]));
}

/**
 * Limits by where they hold: "FunctionConfiguration.MemorySize"; of a list's items "….Architectures[]", of a map's values "….Tags{}".
 * Both models are walked side by side, since their names for shapes differ.
 */
function limitsOf(wireModel, model, read) {
  const limits = {};
  const seen = new Set();
  const walk = (ref, name, key) => {
    const shape = model.shapes[name];
    if (shape.type === 'structure') return walkMembers(ref, shape);
    if (shape.type === 'list') return walk(itemOf(ref), shape.member.shape, `${key}[]`);
    if (shape.type === 'map') return walk(itemOf(ref), shape.value.shape, `${key}{}`);
    const limit = read(shape);
    if (limit !== undefined) limits[key] = limit;
  };
  const walkMembers = (ref, shape) => {
    const members = wireModel.shapes[ref]?.[1];
    if (!members || seen.has(ref)) return;
    seen.add(ref);
    for (const [name, member] of Object.entries(members)) {
      const target = shape.members[name];
      if (target) walk(Array.isArray(member) ? member[0] : member, target.shape, `${ref}.${name}`);
    }
  };
  const itemOf = (ref) => {
    const shape = typeof ref === 'string' ? wireModel.shapes[ref] : undefined;
    const item = shape?.at(shape[0] === 1 ? 1 : 2);
    return Array.isArray(item) ? item[0] : item;
  };
  for (const [name, [, output]] of Object.entries(wireModel.operations)) {
    const shape = model.operations[name]?.output?.shape;
    if (shape) walk(output, shape, name);
  }
  return limits;
}

/** Characters of a text, bytes of a blob, or a number's value: [least, most]. */
function rangeOf({ type, min = null, max = null }) {
  const measured = ['string', 'blob', 'integer', 'long', 'float', 'double'].includes(type);
  const least = type === 'string' || type === 'blob' ? min || null : min;
  return measured && (least !== null || max !== null) ? [least, max] : undefined;
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

const [ranged, enumerated] = [folders[0], folders.at(-1)].map(modelsOf);
const limits = Object.fromEntries(
  Object.entries(wire).map(([service, wireModel]) => {
    const ranges = limitsOf(wireModel, ranged.get(wireModel.sdkId), rangeOf);
    const values = limitsOf(wireModel, enumerated.get(wireModel.sdkId), (shape) => shape.enum);
    return [service, { ranges: sorted(ranges), values: sorted(values) }];
  }),
);
const text = JSON.stringify(limits);
const gzip = gzipSync(text, { level: 9 }).toString('base64');
writeFileSync(wireFile('limits'), `{ "gzip": "${gzip}" }\n`);
console.log(`local/wire/limits.json: ${text.length} characters of JSON, ${gzip.length} packed`);
