import { s3 } from '../client';
import type { LambdaContext } from '../lambda-context';
import { type PlanShardAnswer, type PlanShardEvent, planShard } from '../plan-shard';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called for a range of keys, and again until it is planned. */
export function handler(event: PlanShardEvent, context: LambdaContext): Promise<PlanShardAnswer> {
  return planShard(event, { s3, settings, remaining: () => context.getRemainingTimeInMillis() });
}
