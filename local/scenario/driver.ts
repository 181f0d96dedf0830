/**
 * What a scenario may do: start, answer, read, observe. It is small so that the same scenario plays on the local cloud and against
 * real AWS; what only some drivers can do is a capability that the scenario declares.
 */
import type { Json } from '../cloud-types';
import type { ExecutionStatus } from '../engine/types';
import type { CallFault } from '../faults';
import type { JobFunction, JobOptions, JobService } from '../services/jobs/types';

/** `timeSkip`: hours pass at once. `faults`: calls can be made to fail. `jobs`: a function can run in a job's place. */
export type Capability = 'timeSkip' | 'faults' | 'jobs';

export interface Driver {
  readonly capabilities: ReadonlySet<Capability>;
  /**
   * Starts an execution.
   * @param stateMachine construct path of the state machine or of the construct around it, from the stack: "AccountOpening/Opening"
   */
  start(stateMachine: string, input: Json, options?: { readonly name?: string }): Promise<Run>;
  /** Every run of a state machine so far, whoever started it, in the order of their starts. */
  runs(stateMachine: string): Promise<readonly Run[]>;
  /** Resolves when the run has ended, skipping time where there is nothing else to wait for. */
  finished(run: Run): Promise<void>;
  /** The next mail to this address that has not been read yet, skipping no time. @throws if there is none once nothing moves any more */
  nextMail(to: string): Promise<Mail>;
  /** Every mail so far, in order. */
  mails(): Promise<readonly Mail[]>;
  /** One request as a browser sends it, redirects not followed. */
  browse(request: BrowserRequest): Promise<BrowserResponse>;
  /** One request to an HTTP API as a program sends it, signed where it says by whom. */
  callApi(request: HttpApiRequest): Promise<BrowserResponse>;
  /** All items of a table, as plain values, in an order that is the same every time. @param table construct path */
  items(table: string): Promise<readonly Record<string, unknown>[]>;
  /** Puts an object; who is notified of it is. @param bucket construct path */
  putObject(bucket: string, key: string, body: string | Uint8Array, options?: ObjectOptions): Promise<void>;
  /** Deletes an object; with versions it gets a delete marker. @param bucket construct path */
  deleteObject(bucket: string, key: string): Promise<void>;
  /** Keys of a bucket's objects, in S3's order. @param bucket construct path */
  objectKeys(bucket: string, prefix?: string): Promise<readonly string[]>;
  /** An object as text. @param bucket construct path @throws without one */
  readObject(bucket: string, key: string): Promise<string>;
  /** Lets time pass. Needs `timeSkip`. */
  skip(seconds: number): Promise<void>;
  /** Makes calls fail. Needs `faults`. */
  fail(fault: Fault): Promise<void>;
  /** What runs in a job's place from now on. Needs `jobs`. @param job construct path */
  job<S extends JobService>(service: S, job: string, run: JobFunction<S>, options?: JobOptions): Promise<void>;
}

/** What an object has beside its bytes. */
export interface ObjectOptions {
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Run {
  readonly arn: string;
  readonly status: ExecutionStatus;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
}

export interface BrowserRequest {
  /** @default "GET" */
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>;
}

export interface BrowserResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request to an HTTP API. */
export interface HttpApiRequest {
  /** Construct path of the API, or of the construct around it. */
  readonly api: string;
  readonly path: string;
  /** @default "POST" */
  readonly method?: string;
  /** Sent as application/json. @default - no body */
  readonly json?: Json;
  /** @default - none but those that the body and the signature need */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who signs it. @default - nobody */
  readonly signedBy?: Signer;
}

/** A role's session. */
export interface Signer {
  /** Construct path of the role. */
  readonly role: string;
  /** The session's name. @default - one that means nothing */
  readonly session?: string;
}

/** The next calls of an operation fail, before or after they had their effect. */
export interface Fault extends CallFault {
  /** SDK client's package suffix: "dynamodb", "sfn". */
  readonly service: string;
  readonly operation: string;
}
