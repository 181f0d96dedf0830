/** What SQS measures, for queues that an alarm watches. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
import type { Cloud } from '../../cloud-types';
import { inBackground } from '../background';
import type { Queue } from '../sqs/queue';
import type { MetricId, Metrics } from './metrics';

const MINUTE_MS = 60_000;
/** "A queue is considered active for up to six hours": then it says nothing until something happens to it. */
const ACTIVE_MS = 6 * 3600 * 1000;

export class QueueMetrics {
  private readonly measured = new Set<string>();
  private readonly ended = new AbortController();

  constructor(
    private readonly cloud: Cloud,
    private readonly metrics: Metrics,
    private readonly queue: (name: string) => Queue | undefined,
  ) {}

  /** From now on, if it is a queue's metric. */
  measure({ namespace, dimensions }: MetricId): void {
    const name = namespace === 'AWS/SQS' ? dimensions.find(({ Name }) => Name === 'QueueName')?.Value : undefined;
    const queue = name !== undefined && !this.measured.has(name) ? this.queue(name) : undefined;
    if (!queue) return;
    this.measured.add(queue.settings.name);
    inBackground(this.run(queue));
  }

  dispose(): void {
    this.ended.abort();
  }

  private async run(queue: Queue): Promise<void> {
    const { clock } = this.cloud;
    const { signal } = this.ended;
    let active = clock.now();
    while (!signal.aborted) {
      this.sample(queue);
      if (queue.messages.length > 0) active = clock.now();
      if (clock.now() - active < ACTIVE_MS) {
        const next = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS;
        await clock.sleepUntil(next, signal).catch(() => {});
      } else {
        await queue.change(Number.POSITIVE_INFINITY);
        active = clock.now();
      }
    }
  }

  private sample(queue: Queue): void {
    const now = this.cloud.clock.now();
    const { visible, delayed, inFlight } = queue.count();
    const oldest = queue.messages.reduce((at, { sentAt, deadLetteredAt }) => Math.min(at, deadLetteredAt ?? sentAt), now);
    const record = (name: string, value: number, unit?: string) =>
      this.metrics.record('AWS/SQS', name, { QueueName: queue.settings.name }, value, unit);
    record('ApproximateNumberOfMessagesVisible', visible);
    record('ApproximateNumberOfMessagesNotVisible', inFlight);
    record('ApproximateNumberOfMessagesDelayed', delayed);
    record('ApproximateAgeOfOldestMessage', Math.floor((now - oldest) / 1000), 'Seconds');
  }
}
