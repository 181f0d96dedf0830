import type { JsonObject } from '../json';
import { isObject } from '../json';
import { Quota } from '../quotas';
import {
  anything,
  atMostOne,
  type Check,
  checkFields,
  type Fields,
  integer,
  list,
  NESTED_WORKFLOW,
  object,
  oneOf,
  orExpression,
  path,
  requireFields,
  shown,
  text,
} from './fields';
import { type Surrounding, validateWorkflow } from './workflow';

const PROCESSOR_CONFIG: Fields = { Mode: oneOf('INLINE', 'DISTRIBUTED'), ExecutionType: oneOf('STANDARD', 'EXPRESS') };
const PROCESSOR: Fields = { ...NESTED_WORKFLOW, ProcessorConfig: object };
const positive = orExpression(integer(1, Number.MAX_SAFE_INTEGER));

const READER_CONFIG: Fields = {
  InputType: oneOf('CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST'),
  Transformation: oneOf('NONE', 'LOAD_AND_FLATTEN'),
  CSVHeaderLocation: oneOf('FIRST_ROW', 'GIVEN'),
  CSVHeaders: list,
  CSVDelimiter: oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'),
  ManifestType: oneOf('ATHENA_DATA', 'S3_INVENTORY'),
  ItemsPointer: text,
  MaxItems: orExpression(integer(0, Quota.DISTRIBUTED_MAP_ITEMS)),
};

const BATCHER: Fields = {
  BatchInput: anything,
  MaxItemsPerBatch: positive,
  MaxInputBytesPerBatch: orExpression(integer(1, Quota.PAYLOAD_BYTES)),
};
const BATCHER_PATHS: Fields = { MaxItemsPerBatchPath: path, MaxInputBytesPerBatchPath: path };
const WRITER_CONFIG: Fields = { Transformation: oneOf('NONE', 'COMPACT', 'FLATTEN'), OutputType: oneOf('JSON', 'JSONL') };

/** Fields that only a Distributed Map has. */
const DISTRIBUTED_ONLY = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
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
  if (processor === undefined) findings.error(at, 'These fields are required: [ItemProcessor]');
  atMostOne(state, ['ItemProcessor', 'Iterator'], at, findings);
  atMostOne(state, ['ItemSelector', 'Parameters'], at, findings);
  if (!isObject(processor)) return;
  const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
  checkFields(config, PROCESSOR_CONFIG, here.language, `${at}/${field}/ProcessorConfig`, findings);
  const distributed = config.Mode === 'DISTRIBUTED';
  const express = distributed ? config.ExecutionType === 'EXPRESS' : here.type === 'EXPRESS';
  if (distributed && here.type === 'EXPRESS')
    findings.error(`${at}/${field}/ProcessorConfig/Mode`, 'Express state machine does not support Distributed Map');
  if (!distributed) {
    for (const name of DISTRIBUTED_ONLY) {
      if (Object.hasOwn(state, name))
        findings.error(`${at}/${name}`, `Field '${name}' is only supported when the Mode of the processor is 'DISTRIBUTED'`);
    }
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

const READ = ['s3:getObject', 's3:listObjectsV2'];

function validateReader(reader: JsonObject, { at, findings, language }: Surrounding): void {
  const config = language === 'JSONata' ? READER_CONFIG : { ...READER_CONFIG, MaxItemsPath: path };
  checkFields(reader, { Resource: resource(READ), ReaderConfig: object, ...parameters(language) }, language, at, findings);
  requireFields(reader, ['Resource'], at, findings);
  if (!isObject(reader.ReaderConfig)) return;
  checkFields(reader.ReaderConfig, config, language, `${at}/ReaderConfig`, findings);
  atMostOne(reader.ReaderConfig, ['MaxItems', 'MaxItemsPath'], `${at}/ReaderConfig`, findings);
  const { CSVHeaderLocation, CSVHeaders, InputType } = reader.ReaderConfig;
  if (InputType === 'CSV' && CSVHeaderLocation === 'GIVEN' && CSVHeaders === undefined) {
    findings.error(`${at}/ReaderConfig`, 'These fields are required: [CSVHeaders]');
  }
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
    return found ? undefined : `The resource provided ${shown(value)} is not supported. Expected one of [${operations.join(', ')}]`;
  };
}
