import type { S3Client } from '@aws-sdk/client-s3';
import { summarize } from '../../../../lib/blocks/bulk-map/handlers/summarize';
import { copyBatch } from '../../../../lib/bucket-sync/handlers/copy-batch';
import { COPY_LIMITS, type CopyLimits } from '../../../../lib/bucket-sync/handlers/copy-limits';
import { deleteBatch } from '../../../../lib/bucket-sync/handlers/delete-batch';
import { planShard } from '../../../../lib/bucket-sync/handlers/plan-shard';
import { prepare } from '../../../../lib/bucket-sync/handlers/prepare';
import { report } from '../../../../lib/bucket-sync/handlers/report';
import type { SyncSettings } from '../../../../lib/bucket-sync/handlers/settings';
import { SHARD_OPTIONS, type ShardOptions } from '../../../../lib/bucket-sync/handlers/shards';
import { summarizePlan } from '../../../../lib/bucket-sync/handlers/summarize-plan';
import type { LocalCloud } from '../../../../local';
import { type S3Request, s3InProcess } from './s3-in-process';

export interface InProcessOptions {
  /**
   * Sees, and may spoil, each request of a handler before it is made. What it throws is what the request ends in; a `Crash` ends the function, and
   * nothing of it goes on.
   */
  before?(request: S3Request, name: string): unknown;
  /** Milliseconds that a call may still take. @default - a quarter of an hour */
  remaining?(): number;
  readonly limits?: CopyLimits;
  readonly shards?: ShardOptions;
}

/** A function that dies at a request. */
export class Crash extends Error {
  override readonly name = 'Sandbox.Timedout';
}

type Handler = (event: never, s3: S3Client, settings: SyncSettings) => Promise<unknown>;

/**
 * Runs the handlers of a deployed `BucketSync` in the test's own process: the same code, with the same roles, checked and recorded, but without
 * workers and sockets.
 * @param sync construct path
 */
export function runInProcess(cloud: LocalCloud, sync: string, options: InProcessOptions = {}): void {
  const { remaining = () => 900_000, limits = COPY_LIMITS, shards = SHARD_OPTIONS, before } = options;
  const handlers: Record<string, Handler> = {
    Prepare: (event, s3, settings) => prepare(event, s3, settings, shards),
    PlanShard: (event, s3, settings) => planShard(event, { s3, settings, remaining }),
    SummarizePlan: summarizePlan,
    Copy: (event, s3, settings) => copyBatch(event, { s3, settings, remaining, limits }),
    Delete: deleteBatch,
    Report: report,
  };
  const replace = (
    path: string,
    name: string,
    run: (event: never, s3: S3Client, environment: Record<string, string>) => Promise<unknown>,
  ) => {
    const { properties } = cloud.find('AWS::Lambda::Function', path);
    const principal = { kind: 'role', arn: String(properties.Role) } as const;
    cloud.function(path).replaceWith((event) => {
      let crashed: (reason: Crash) => void = () => undefined;
      let dead = false;
      const crash = new Promise<never>((_, reject) => {
        crashed = reject;
      });
      const client = s3InProcess(async (request) => {
        if (dead) return new Promise(() => undefined);
        try {
          await before?.(request, name);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          dead = true;
          crashed(error);
          return new Promise(() => undefined);
        }
        return cloud.call({ service: 's3', ...request, principal });
      });
      return Promise.race([run(event as never, client, properties.Environment.Variables), crash]);
    });
  };
  for (const [name, handler] of Object.entries(handlers)) {
    const path = `${sync}/Functions/${name}/Function`;
    if (name === 'Delete' && !exists(cloud, path)) continue;
    replace(path, name, (event, s3, { SYNC }) => handler(event, s3, JSON.parse(SYNC)));
  }
  replace(`${sync}/BulkMap/Summarize/Function`, 'Summarize', (event, s3, { BUCKET_NAME: bucket }) => summarize(event, { s3, bucket }));
}

function exists(cloud: LocalCloud, path: string): boolean {
  try {
    cloud.find('AWS::Lambda::Function', path);
    return true;
  } catch {
    return false;
  }
}
