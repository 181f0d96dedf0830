import type { ItemReader, MapState } from '../../../lib/asl/definition';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { Quota } from '../../../lib/asl/quotas';
import type { Clock } from '../../clock';
import { effectiveInput, pathScope, query, templateScope } from '../data/flow';
import { integerResult } from '../data/jsonata';
import { fieldPath, integerOf } from '../data/paths';
import { payloadTemplate } from '../data/payload-template';
import { asStateFailure } from '../errors';
import type { ObjectRequest, ObjectSummary, ObjectsCaller, ObjectsPort } from '../types';
import type { Visit } from '../visit';
import { decompressed } from './compression';
import { csvItems, csvRows } from './csv';
import { type Item, jsonArrayItems, jsonLineItems, jsonPointerItems } from './json-items';
import { parquetItems } from './parquet';
import { itemReaderFailed } from './reader-error';
import { decoded, lines } from './text-lines';

/** An item with where it comes from, as `$$.Map.Item.Source` tells: in lower case, whatever AWS's documentation says. */
export interface SourcedItem extends Item {
  readonly source: string;
}

type ReaderConfig = NonNullable<ItemReader['ReaderConfig']>;

/**
 * Reads a Distributed Map's items from S3, piece by piece.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export async function* readItems(visit: Visit<MapState>, reader: ItemReader): AsyncIterable<SourcedItem> {
  const config = reader.ReaderConfig ?? {};
  const most = await maxItems(visit, config);
  const parameters = await readerParameters(visit, reader);
  let count = 0;
  try {
    for await (const item of itemsOf(new Source(visit, parameters), reader.Resource, config)) {
      if (count++ >= most) return;
      yield item;
    }
  } catch (error) {
    throw asStateFailure(error);
  }
}

/** 0 stands for all of them. */
async function maxItems(visit: Visit<MapState>, config: ReaderConfig): Promise<number> {
  const value = await maxItemsValue(visit, config);
  if (value === undefined) return Quota.DISTRIBUTED_MAP_ITEMS;
  const number = integerOf(value);
  if (number === undefined) throw itemReaderFailed(`field MaxItems must be an integer, got ${JSON.stringify(value)}`);
  if (number < 0) throw itemReaderFailed('field MaxItems must be positive');
  return number === 0 ? Quota.DISTRIBUTED_MAP_ITEMS : Math.min(number, Quota.DISTRIBUTED_MAP_ITEMS);
}

async function maxItemsValue(visit: Visit<MapState>, config: ReaderConfig): Promise<Json | undefined> {
  const { MaxItems, MaxItemsPath } = config;
  if (MaxItemsPath !== undefined) return fieldPath(MaxItemsPath, effectiveInput(visit), pathScope(visit));
  if (!isJsonata(MaxItems)) return MaxItems;
  const location = 'ItemReader/ReaderConfig/MaxItems';
  return integerResult(await query(visit, MaxItems, location), expressionText(MaxItems), location);
}

async function readerParameters(visit: Visit<MapState>, reader: ItemReader): Promise<JsonObject> {
  const parameters =
    visit.language === 'JSONata'
      ? await query(visit, reader.Arguments ?? {}, 'ItemReader/Arguments')
      : payloadTemplate(reader.Parameters ?? {}, effectiveInput(visit), templateScope(visit));
  visit.inspect?.('afterItemReaderParameters', parameters);
  if (!isObject(parameters)) throw itemReaderFailed(`ItemReader needs an object of parameters, got ${JSON.stringify(parameters)}`);
  return parameters;
}

/** An object of S3's. */
type Place = Omit<ObjectRequest, keyof ObjectsCaller>;

const uriOf = ({ bucket, key }: Place) => `s3://${bucket}/${key}`;

/** The S3 objects that a reader works on. */
class Source {
  private readonly objects: ObjectsPort;

  constructor(
    private readonly visit: Visit<MapState>,
    private readonly parameters: JsonObject,
  ) {
    const { objects } = visit.branch.run.surroundings.options;
    if (!objects) throw itemReaderFailed('This engine has no access to S3: give it an objects port.');
    this.objects = objects;
  }

  get bucket(): string {
    return this.parameter('Bucket');
  }

  /** The object that the parameters name. */
  get own(): Place {
    const { VersionId } = this.parameters;
    return { bucket: this.bucket, key: this.parameter('Key'), ...(typeof VersionId === 'string' ? { versionId: VersionId } : {}) };
  }

  /** As they lie there. */
  bytes(place: Place): Promise<AsyncIterable<Uint8Array>> {
    return this.read(place, (bytes) => bytes);
  }

  async text(place: Place): Promise<AsyncIterable<string>> {
    return decoded(await this.read(place, (bytes) => decompressed(bytes, uriOf(place))));
  }

  list(): AsyncIterable<ObjectSummary> {
    const { Prefix } = this.parameters;
    return this.objects.list({ ...this.caller(), bucket: this.bucket, ...(typeof Prefix === 'string' ? { prefix: Prefix } : {}) });
  }

  private async read(place: Place, through: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) {
    const { branch } = this.visit;
    const bytes = await this.objects.get({ ...this.caller(), ...place });
    return busily(branch.run.surroundings.options.clock, through(bytes));
  }

  private caller() {
    const { run } = this.visit.branch;
    return { roleArn: run.machine.roleArn, executionArn: run.arn };
  }

  private parameter(name: string): string {
    const value = this.parameters[name];
    if (typeof value === 'string') return value;
    throw itemReaderFailed(`ItemReader needs the text ${name} in its parameters, got ${JSON.stringify(value) ?? 'nothing'}.`);
  }
}

async function* itemsOf(source: Source, resource: string, config: ReaderConfig): AsyncIterable<SourcedItem> {
  const operation = resource.split(':').at(-1);
  if (operation === 'listObjectsV2') yield* listedItems(source, config);
  else if (operation === 'getObject') yield* objectItems(source, config);
  else throw itemReaderFailed(`ItemReader cannot use the resource '${resource}': s3:getObject and s3:listObjectsV2 are known.`);
}

async function* listedItems(source: Source, config: ReaderConfig): AsyncIterable<SourcedItem> {
  const flatten = config.Transformation === 'LOAD_AND_FLATTEN';
  for await (const object of source.list()) {
    if (flatten) yield* fileItems(source, { bucket: source.bucket, key: object.key }, config);
    else yield { value: listedItem(object), source: `s3://${source.bucket}` };
  }
}

function listedItem(object: ObjectSummary): JsonObject {
  return {
    Etag: object.etag,
    Key: object.key,
    LastModified: Math.floor(object.lastModified / 1000),
    Size: object.size,
    StorageClass: object.storageClass ?? 'STANDARD',
  };
}

async function* objectItems(source: Source, config: ReaderConfig): AsyncIterable<SourcedItem> {
  if (config.InputType === 'MANIFEST' || config.ManifestType !== undefined) {
    yield* config.ManifestType === 'ATHENA_DATA' ? athenaItems(source, config) : inventoryItems(source);
    return;
  }
  yield* fileItems(source, source.own, config);
}

async function* fileItems(source: Source, place: Place, config: ReaderConfig): AsyncIterable<SourcedItem> {
  const uri = uriOf(place);
  if (config.InputType === 'JSON' && config.ItemsPointer) {
    for await (const item of jsonPointerItems(await source.text(place), config.ItemsPointer)) yield { ...item, source: uri };
    return;
  }
  const values = config.InputType === 'PARQUET' ? await parquetValues(source, place) : textValues(await source.text(place), config);
  for await (const value of values) yield { value, source: uri };
}

/** Parquet compresses inside: an object's name says nothing of it. */
async function parquetValues(source: Source, place: Place): Promise<AsyncIterable<Json>> {
  if (place.versionId !== undefined) {
    throw itemReaderFailed('S3 Version ID selection is not currently supported for PARQUET files');
  }
  return parquetItems(await source.bytes(place), uriOf(place));
}

function textValues(text: AsyncIterable<string>, config: ReaderConfig): AsyncIterable<Json> {
  switch (config.InputType) {
    case 'JSON':
      return jsonArrayItems(text);
    case 'JSONL':
      return jsonLineItems(text);
    case 'CSV':
      return csvItems(text, {
        delimiter: config.CSVDelimiter,
        headers: config.CSVHeaderLocation === 'GIVEN' ? (config.CSVHeaders ?? []) : undefined,
      });
    default:
      throw itemReaderFailed(`The runner cannot read InputType '${config.InputType}': CSV, JSON, JSONL, PARQUET and MANIFEST are known.`);
  }
}

/** An Athena UNLOAD manifest: the URI of one data file a line. */
async function* athenaItems(source: Source, config: ReaderConfig): AsyncIterable<SourcedItem> {
  const inputType = config.InputType === 'MANIFEST' ? 'CSV' : config.InputType;
  for await (const line of lines(await source.text(source.own))) {
    const [, bucket, key] = /^"?s3:\/\/([^/]+)\/([^"]+)"?$/i.exec(line.trim()) ?? [];
    if (!bucket) throw itemReaderFailed(`The manifest '${uriOf(source.own)}' has a line that is no s3:// URI: '${line}'`);
    yield* fileItems(source, { bucket, key }, { ...config, InputType: inputType });
  }
}

/** An S3 inventory's manifest.json: its CSV files, one object of the schema's fields for each row. */
async function* inventoryItems(source: Source): AsyncIterable<SourcedItem> {
  let text = '';
  const uri = uriOf(source.own);
  for await (const piece of await source.text(source.own)) text += piece;
  const manifest = inventoryManifest(text, uri);
  for (const key of manifest.keys) {
    for await (const row of csvRows(await source.text({ bucket: manifest.bucket, key }), ',')) {
      yield { value: Object.fromEntries(manifest.fields.map((field, i) => [field, row[i] ?? ''])), source: uri };
    }
  }
}

function inventoryManifest(text: string, uri: string): { bucket: string; fields: string[]; keys: string[] } {
  let manifest: { destinationBucket?: string; fileFormat?: string; fileSchema?: string; files?: { key: string }[] };
  try {
    manifest = JSON.parse(text);
  } catch {
    throw itemReaderFailed(`The manifest '${uri}' is not JSON.`);
  }
  const { destinationBucket, fileFormat, fileSchema, files } = manifest;
  if (fileFormat !== 'CSV') throw itemReaderFailed(`The inventory '${uri}' has the format ${fileFormat}: only CSV can be read.`);
  if (!destinationBucket || !fileSchema || !Array.isArray(files)) {
    throw itemReaderFailed(`The manifest '${uri}' lacks destinationBucket, fileSchema or files.`);
  }
  return {
    bucket: destinationBucket.replace(/^arn:[^:]*:s3:::/, ''),
    fields: fileSchema.split(',').map((f) => f.trim()),
    keys: files.map((f) => f.key),
  };
}

/** Time stands still while a piece is on its way. */
async function* busily<T>(clock: Clock, pieces: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = pieces[Symbol.asyncIterator]();
  for (;;) {
    const next = await clock.busy(iterator.next());
    if (next.done) return;
    yield next.value;
  }
}
