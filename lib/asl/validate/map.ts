import type { JsonObject } from '../json';
import { isObject } from '../json';
import { Quota } from '../quotas';
import {
  anything,
  atMostOne,
  type Check,
  checkFields,
  exactlyOne,
  type Fields,
  integer,
  kind,
  labelFault,
  list,
  NESTED_WORKFLOW,
  object,
  oneOf,
  orExpression,
  path,
  requireFields,
} from './fields';
import type { Surrounding } from './surrounding';
import { validateWorkflow } from './workflow';

const INLINE_CONFIG: Fields = { Mode: kind('INLINE', 'DISTRIBUTED') };
const DISTRIBUTED_CONFIG: Fields = { ...INLINE_CONFIG, ExecutionType: oneOf('STANDARD', 'EXPRESS') };
const PROCESSOR: Fields = { ...NESTED_WORKFLOW, ProcessorConfig: object };
const positive = orExpression(integer(1, Number.MAX_SAFE_INTEGER));

const jsonPointer: Check = (value) => {
  if (typeof value !== 'string') return 'Expected value of type String';
  return value === '' || value.startsWith('/') ? undefined : `Invalid input: JSON Pointer expression must start with '/': "${value}"`;
};

const READER_CONFIG: Fields = {
  InputType: kind('CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST'),
  Transformation: kind('NONE', 'LOAD_AND_FLATTEN'),
  CSVHeaderLocation: kind('FIRST_ROW', 'GIVEN'),
  CSVHeaders: list,
  CSVDelimiter: oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'),
  ManifestType: oneOf('ATHENA_DATA', 'S3_INVENTORY'),
  ItemsPointer: jsonPointer,
  MaxItems: orExpression(integer(0, Quota.DISTRIBUTED_MAP_ITEMS)),
};

const OF_CSV = ['CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'];

/** Fields that a format doesn't have. */
const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = { JSON: [...OF_CSV, 'ManifestType'], JSONL: OF_CSV };

const BATCHER: Fields = {
  BatchInput: anything,
  MaxItemsPerBatch: positive,
  MaxInputBytesPerBatch: orExpression(integer(1, Quota.PAYLOAD_BYTES)),
};
const BATCHER_PATHS: Fields = { MaxItemsPerBatchPath: path, MaxInputBytesPerBatchPath: path };
const WRITER_CONFIG: Fields = { Transformation: oneOf('NONE', 'COMPACT', 'FLATTEN'), OutputType: oneOf('JSON', 'JSONL') };

/** Fields with which an inline Map fails when it runs. */
const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter'];

/** Fields that only a Distributed Map has. */
const UNKNOWN_INLINE = [
  'Label',
  'ToleratedFailureCount',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentage',
  'ToleratedFailurePercentagePath',
];

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html. `outer` is what the states inside inherit. */
export function validateMap(state: JsonObject, here: Surrounding, outer: Surrounding): void {
  const { at, findings } = here;
  const field = Object.hasOwn(state, 'ItemProcessor') ? 'ItemProcessor' : 'Iterator';
  const processor = state[field];
  exactlyOne(state, ['ItemProcessor', 'Iterator'], at, findings);
  atMostOne(state, ['ItemSelector', 'Parameters'], at, findings);
  if (!isObject(processor)) return;
  const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
  const distributed = config.Mode === 'DISTRIBUTED';
  const place = `${at}/${field}/ProcessorConfig`;
  checkFields(config, distributed ? DISTRIBUTED_CONFIG : INLINE_CONFIG, here.language, place, findings);
  if (distributed) requireFields(config, ['ExecutionType'], place, findings);
  if (typeof state.Label === 'string') checkLabel(state.Label, here);
  const express = distributed ? config.ExecutionType === 'EXPRESS' : here.type === 'EXPRESS';
  if (distributed && here.type === 'EXPRESS')
    findings.error(`${place}/Mode`, "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines");
  if (!distributed) {
    const only = (name: string) => `Field '${name}' is only supported when the Mode of the processor is 'DISTRIBUTED'`;
    for (const name of DISTRIBUTED_ONLY) if (Object.hasOwn(state, name)) findings.warning(`${at}/${name}`, only(name), 'INLINE_MAP');
    for (const name of UNKNOWN_INLINE) if (Object.hasOwn(state, name)) findings.error(`${at}/${name}`, only(name));
  }
  checkFields(processor, PROCESSOR, here.language, `${at}/${field}`, findings);
  validateWorkflow(processor, {
    ...outer,
    at: `${at}/${field}`,
    type: express ? 'EXPRESS' : 'STANDARD',
    names: distributed ? new Set() : outer.names,
  });
  if (!distributed) return;
  if (isObject(state.ItemReader)) validateReader(state.ItemReader, { ...here, at: `${at}/ItemReader` });
  if (isObject(state.ItemBatcher)) validateBatcher(state.ItemBatcher, { ...here, at: `${at}/ItemBatcher` });
  if (isObject(state.ResultWriter)) validateWriter(state.ResultWriter, { ...here, at: `${at}/ResultWriter` });
}

function checkLabel(label: string, { at, findings, labels }: Surrounding): void {
  const fault = labelFault(label);
  if (fault) findings.error(`${at}/Label`, fault, 'INVALID_LABEL_NAME');
  if (labels.has(label)) findings.error(`${at}/Label`, `Duplicate Label name: ${label}`, 'DUPLICATE_LABEL_NAME');
  labels.add(label);
}

const READ = ['s3:getObject', 's3:listObjectsV2'];

function validateReader(reader: JsonObject, { at, findings, language }: Surrounding): void {
  checkFields(reader, { Resource: resource(READ), ReaderConfig: object, ...parameters(language) }, language, at, findings);
  requireFields(reader, ['Resource'], at, findings);
  if (isObject(reader.ReaderConfig)) validateReaderConfig(reader.ReaderConfig, { at: `${at}/ReaderConfig`, findings, language });
}

type Place = Pick<Surrounding, 'at' | 'findings' | 'language'>;

function validateReaderConfig(config: JsonObject, { at, findings, language }: Place): void {
  const { CSVHeaderLocation, InputType, Transformation } = config;
  const fields = language === 'JSONata' ? READER_CONFIG : { ...READER_CONFIG, MaxItemsPath: path };
  const unsupported = typeof InputType === 'string' && Object.hasOwn(UNSUPPORTED, InputType) ? UNSUPPORTED[InputType] : [];
  checkFields(config, Object.fromEntries(Object.entries(fields).filter(([name]) => !unsupported.includes(name))), language, at, findings);
  atMostOne(config, ['MaxItems', 'MaxItemsPath'], at, findings);
  if (Transformation === 'LOAD_AND_FLATTEN' && InputType === undefined) findings.error(at, "The field 'InputType' is required");
  if (InputType !== 'CSV') return;
  if (CSVHeaderLocation === undefined) findings.error(at, "The field 'CSVHeaderLocation' is required");
  if (CSVHeaderLocation === 'GIVEN') requireFields(config, ['CSVHeaders'], at, findings);
}

function validateBatcher(batcher: JsonObject, { at, findings, language }: Surrounding): void {
  checkFields(batcher, language === 'JSONata' ? BATCHER : { ...BATCHER, ...BATCHER_PATHS }, language, at, findings);
  atMostOne(batcher, ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'], at, findings);
  atMostOne(batcher, ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'], at, findings);
  const limits = ['MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'];
  if (!limits.some((name) => Object.hasOwn(batcher, name))) {
    findings.error(at, 'At least one of the following fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]');
  }
}

function validateWriter(writer: JsonObject, { at, findings, language }: Surrounding): void {
  checkFields(writer, { Resource: resource(['s3:putObject']), WriterConfig: object, ...parameters(language) }, language, at, findings);
  if (!Object.hasOwn(writer, 'WriterConfig')) requireFields(writer, ['Resource'], at, findings);
  if (isObject(writer.WriterConfig)) checkFields(writer.WriterConfig, WRITER_CONFIG, language, `${at}/WriterConfig`, findings);
}

function parameters(language: string): Fields {
  return language === 'JSONata' ? { Arguments: orExpression(object) } : { Parameters: object };
}

function resource(operations: readonly string[]): Check {
  return (value) => {
    const found = typeof value === 'string' && operations.some((operation) => value.endsWith(`:states:::${operation}`));
    return found ? undefined : "The field 'Resource' does not match any of the allowed values";
  };
}
