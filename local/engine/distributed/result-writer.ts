import type { MapState, ResultWriter } from '../../../lib/asl/definition';
import { ErrorName } from '../../../lib/asl/error-names';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { timestampText } from '../context-object';
import { effectiveInput, query, templateScope } from '../data/flow';
import { payloadTemplate } from '../data/payload-template';
import { asStateFailure, StateFailure } from '../errors';
import type { Run } from '../run';
import type { ObjectsPort } from '../types';
import type { Visit } from '../visit';

/** A file is written when it has grown to this many characters, so that memory stays flat. */
const FILE_CHARACTERS = 4 * 1024 * 1024;

type Kind = 'SUCCEEDED' | 'FAILED' | 'PENDING';

/** A child's result with what is known of its execution: `Transformation: NONE`. */
export function executionRecord(child: Run): JsonObject {
  const failed = child.status !== 'SUCCEEDED';
  return {
    ...(child.cause === undefined ? {} : { Cause: child.cause }),
    ...(child.error === undefined ? {} : { Error: child.error }),
    ExecutionArn: child.arn,
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(failed ? {} : { Output: JSON.stringify(child.output), OutputDetails: { Included: true } }),
    RedriveCount: child.redriveCount,
    RedriveStatus: failed ? 'REDRIVABLE_BY_MAP_RUN' : 'NOT_REDRIVABLE',
    ...(failed ? {} : { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }),
    StartDate: timestampText(child.startDate),
    StateMachineArn: child.stateMachineArn,
    Status: child.status,
    StopDate: timestampText(child.stopDate ?? child.startDate),
  };
}

/** A child's contribution to the results: none, one or, flattened, several entries. Failed ones are always given whole. */
export function transformed(child: Run, transformation: string): Json[] {
  if (transformation === 'NONE' || child.status !== 'SUCCEEDED') return [executionRecord(child)];
  const output = child.output as Json;
  return transformation === 'FLATTEN' && Array.isArray(output) ? output : [output];
}

/**
 * Writes a Distributed Map's results to S3: result files by kind, and a manifest that lists them.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export class S3ResultWriter {
  private readonly files: Record<Kind, { Key: string; Size: number }[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  private readonly open: Record<Kind, string[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  private readonly openCharacters: Record<Kind, number> = { FAILED: 0, PENDING: 0, SUCCEEDED: 0 };
  /** Files that are closed and do not lie in S3 yet, by their keys. */
  private readonly unwritten = new Map<string, string>();
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly visit: Visit,
    private readonly objects: ObjectsPort,
    private readonly mapRunArn: string,
    private readonly bucket: string,
    private readonly folder: string,
    private readonly transformation: string,
    private readonly outputType: string,
    private readonly onFailure: (failure: StateFailure) => void,
  ) {}

  /** @param onFailure told as soon as a file could not be written, while children still run */
  static async create(
    visit: Visit<MapState>,
    writer: ResultWriter,
    mapRunArn: string,
    onFailure: (failure: StateFailure) => void,
  ): Promise<S3ResultWriter> {
    const { objects } = visit.branch.run.surroundings.options;
    if (!objects) throw writerFailed('This engine has no access to S3: give it an objects port.');
    const parameters =
      visit.language === 'JSONata'
        ? await query(visit, writer.Arguments ?? {}, 'ResultWriter/Arguments')
        : payloadTemplate(writer.Parameters ?? {}, effectiveInput(visit), templateScope(visit));
    if (!isObject(parameters) || typeof parameters.Bucket !== 'string') {
      throw writerFailed(`ResultWriter needs the text Bucket in its parameters, got ${JSON.stringify(parameters)}.`);
    }
    const prefix = typeof parameters.Prefix === 'string' ? `${parameters.Prefix.replace(/\/$/, '')}/` : '';
    const folder = `${prefix}${mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1)}`;
    const { Transformation = 'NONE', OutputType = 'JSON' } = writer.WriterConfig ?? {};
    return new S3ResultWriter(visit, objects, mapRunArn, parameters.Bucket, folder, Transformation, OutputType, onFailure);
  }

  /** Those that were stopped or ran out of time are among the failed; pending ones are those that had not been started. */
  add(child: Run): void {
    const kind = child.status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED';
    for (const entry of transformed(child, this.transformation)) this.append(kind, entry);
  }

  notStarted(input: Json, stateMachineArn: string): void {
    const record = { Input: JSON.stringify(input), InputDetails: { Included: true }, StateMachineArn: stateMachineArn, Status: 'PENDING' };
    this.append('PENDING', record);
  }

  private append(kind: Kind, entry: Json): void {
    const text = JSON.stringify(entry);
    this.open[kind].push(text);
    this.openCharacters[kind] += text.length;
    if (this.openCharacters[kind] > FILE_CHARACTERS) this.closeFile(kind);
  }

  /** What was unsuccessful no longer counts, whether it was written already or not. */
  redriven(): void {
    for (const kind of ['FAILED', 'PENDING'] as const) {
      for (const { Key } of this.files[kind]) this.unwritten.delete(Key);
      this.files[kind] = [];
      this.open[kind] = [];
      this.openCharacters[kind] = 0;
    }
  }

  /** Writes what is open and the manifest; gives the state's output. */
  async finish(): Promise<JsonObject> {
    for (const kind of ['SUCCEEDED', 'FAILED', 'PENDING'] as const) if (this.open[kind].length > 0) this.closeFile(kind);
    await this.writing;
    await this.write();
    const key = `${this.folder}/manifest.json`;
    await this.put(key, JSON.stringify({ DestinationBucket: this.bucket, MapRunArn: this.mapRunArn, ResultFiles: this.files }));
    return { MapRunArn: this.mapRunArn, ResultWriterDetails: { Bucket: this.bucket, Key: key } };
  }

  private closeFile(kind: Kind): void {
    const lines = this.open[kind];
    const [body, extension] = this.outputType === 'JSONL' ? [`${lines.join('\n')}\n`, 'jsonl'] : [`[${lines.join(',')}]`, 'json'];
    const Key = `${this.folder}/${kind}_${this.files[kind].length}.${extension}`;
    this.files[kind].push({ Key, Size: Buffer.byteLength(body, 'utf8') });
    this.open[kind] = [];
    this.openCharacters[kind] = 0;
    this.unwritten.set(Key, body);
    this.writing = this.writing.then(() => this.write()).catch(this.onFailure);
  }

  /** What S3 refuses stays: a redrive writes it. */
  private async write(): Promise<void> {
    for (const [key, body] of this.unwritten) {
      await this.put(key, body);
      this.unwritten.delete(key);
    }
  }

  private async put(key: string, body: string): Promise<void> {
    const { run } = this.visit.branch;
    try {
      await this.objects.put({ bucket: this.bucket, key, body, roleArn: run.machine.roleArn, executionArn: run.arn });
    } catch (error) {
      const failure = asStateFailure(error);
      throw writerFailed(`${failure.error}: ${failure.causeText ?? ''}`);
    }
  }
}

function writerFailed(cause: string): StateFailure {
  return new StateFailure(ErrorName.RESULT_WRITER_FAILED, cause);
}
