// Writes local/wire/model.json: what the gateway needs to know of each AWS service to decode requests and encode answers, taken from
// the Smithy schemas that the installed SDK clients export. Build-time only: `node scripts/wire-model.mjs [--check]`.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

/** The services that the local cloud knows: a further one is a further line (and its client among the devDependencies). */
const SERVICES = [
  'batch',
  'cloudwatch',
  'codebuild',
  'dynamodb',
  'dynamodb-streams',
  'ecs',
  'eventbridge',
  'glue',
  'iam',
  'kms',
  'lambda',
  's3',
  'scheduler',
  'secrets-manager',
  'sfn',
  'sns',
  'sqs',
  'ssm',
];

// As @smithy/types numbers them: kinds of shape, and the bits of a member's traits that change what is on the wire.
const [SIMPLE, LIST, MAP, STRUCTURE, UNION, ERROR, OPERATION] = [0, 1, 2, 3, 4, -3, 9];
const BITS = { httpLabel: 1, httpPayload: 16, httpResponseCode: 32, httpQueryParams: 64 };
const WIRE_BITS = 1 | 16 | 32 | 64;
const WIRE_TRAITS = ['httpHeader', 'httpPrefixHeaders', 'httpQuery', 'jsonName', 'xmlName', 'xmlFlattened', 'xmlAttribute'];

const require = createRequire(import.meta.url);

function readService(name) {
  const module = require(`@aws-sdk/client-${name}`);
  const shapes = {};
  const operations = {};

  const wireTraits = (traits) => {
    if (typeof traits === 'number') return traits & WIRE_BITS || undefined;
    const kept = WIRE_TRAITS.filter((trait) => traits?.[trait] !== undefined).map((trait) => [trait, traits[trait]]);
    // Beside a name of its own, a member has its place in words.
    const bits = Object.keys(BITS).reduce((sum, trait) => sum + (traits?.[trait] ? BITS[trait] : 0), 0);
    if (bits > 0) kept.push(['bits', bits]);
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  };
  const member = (schema) => {
    // A member is a schema, or [schema, traits]; a schema by itself is a number, a function or an array of at least four.
    const [target, traits] = Array.isArray(schema) && schema.length === 2 ? schema : [schema, undefined];
    const kept = wireTraits(traits);
    return kept === undefined ? reference(target) : [reference(target), kept];
  };
  const members = (names, schemas) => Object.fromEntries(names.map((key, i) => [key, member(schemas[i])]));
  const reference = (schema) => {
    const target = typeof schema === 'function' ? schema() : schema;
    if (target === 'unit') return reference([STRUCTURE, '', 'Unit', 0, [], []]);
    if (!Array.isArray(target)) return target;
    const [kind, , shapeName, traits, ...rest] = target;
    if (kind === SIMPLE) return reference(rest[0]);
    if (shapeName in shapes) return shapeName;
    shapes[shapeName] = null; // Schemas are recursive.
    if (kind === LIST) shapes[shapeName] = [LIST, member(rest[0])];
    else if (kind === MAP) shapes[shapeName] = [MAP, member(rest[0]), member(rest[1])];
    else if (kind === STRUCTURE) {
      shapes[shapeName] = [STRUCTURE, members(rest[0], rest[1]), rest[2] ?? 0, ...(traits.xmlName ? [traits.xmlName] : [])];
    } else if (kind === UNION) shapes[shapeName] = [UNION, members(rest[0], rest[1])];
    else if (kind === ERROR) {
      shapes[shapeName] = [
        ERROR,
        members(rest[0], rest[1]),
        traits.httpError ?? 400,
        ...(traits.awsQueryError ? [traits.awsQueryError[0]] : []),
      ];
    } else throw new Error(`${name}: unknown kind of shape ${kind} (${shapeName})`);
    return shapeName;
  };

  for (const schema of Object.values(module)) {
    if (!Array.isArray(schema) || typeof schema[0] !== 'number') continue;
    const [kind, , shapeName, traits, input, output] = schema;
    if (kind === OPERATION) {
      operations[shapeName] = [reference(input), reference(output), ...(traits.http ? [traits.http] : [])];
    } else if (kind === ERROR) reference(schema);
  }

  const Client = Object.entries(module).find(
    ([key, value]) => /.Client$/.test(key) && key !== '__Client' && typeof value === 'function',
  )[1];
  const { config } = new Client({ region: 'us-east-1' });
  const { protocol } = config;
  return {
    sdkId: config.serviceId,
    signingName: config.defaultSigningName,
    protocol: protocol.getShapeId().split('#')[1],
    ...(protocol.serviceTarget && { target: protocol.serviceTarget }),
    ...(protocol.awsQueryCompatible && { queryCompatible: true }),
    ...(protocol.options.xmlNamespace && { xmlNamespace: protocol.options.xmlNamespace }),
    operations: sorted(operations),
    shapes: sorted(shapes),
  };
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

process.removeAllListeners('warning'); // The SDK's advice about Node versions.
const text = JSON.stringify(Object.fromEntries(SERVICES.map((name) => [name, readService(name)])));
const file = fileURLToPath(new URL('../local/wire/model.json', import.meta.url));

if (process.argv.includes('--check')) {
  // What is packed is compared, not the packing: zlib's output may change from one Node to the next.
  const packed = JSON.parse(readFileSync(file, 'utf8')).gzip;
  if (gunzipSync(Buffer.from(packed, 'base64')).toString() !== text) {
    console.error('local/wire/model.json is not what the installed SDK clients say: run node scripts/wire-model.mjs');
    process.exit(1);
  }
} else {
  const gzip = gzipSync(text, { level: 9 }).toString('base64');
  writeFileSync(file, `{ "gzip": "${gzip}" }\n`);
  console.log(`local/wire/model.json: ${SERVICES.length} services, ${text.length} characters of JSON, ${gzip.length} packed`);
}
