import type { Json } from '../cloud-types';
import type { OperatedCloud } from './operated-cloud';

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Json;
  /** ARNs. */
  readonly resources?: readonly string[];
}

interface Entry {
  readonly EventBusName?: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Resources?: readonly string[];
}

/** An EventBridge bus. */
export class LocalEventBus {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly name: string,
  ) {}

  /**
   * Puts an event on the bus. With a source that begins with "aws." it is an AWS service's own event, which only the default bus takes.
   * @throws if the bus refuses it
   */
  async put({ source, detailType, detail, resources = [] }: BusEvent): Promise<void> {
    if (source.startsWith('aws.')) {
      if (this.name !== 'default') throw new Error(`events of AWS services (${source}) reach only the default bus, not ${this.name}`);
      this.cloud.emit({ source, 'detail-type': detailType, detail, resources });
      await this.cloud.clock.settle();
      return;
    }
    const { Entries } = await this.cloud.operate<{ Entries: { ErrorCode?: string; ErrorMessage?: string }[] }>('eventbridge', 'PutEvents', {
      Entries: [{ EventBusName: this.name, Source: source, DetailType: detailType, Detail: JSON.stringify(detail), Resources: resources }],
    });
    const [{ ErrorCode, ErrorMessage }] = Entries;
    if (ErrorCode !== undefined) throw new Error(`the bus ${this.name} refuses the event: ${ErrorCode}: ${ErrorMessage}`);
  }

  /** What was put on the bus with PutEvents, whoever did, in order. */
  events(): readonly BusEvent[] {
    return this.cloud.calls
      .filter(({ service, operation, error }) => service === 'eventbridge' && operation === 'PutEvents' && !error)
      .flatMap(({ input, output }) => {
        const results = (output as { Entries: { EventId?: string }[] }).Entries;
        return (input.Entries as Entry[]).filter((_, i) => results[i].EventId !== undefined);
      })
      .filter(({ EventBusName = 'default' }) => EventBusName === this.name || EventBusName.endsWith(`:event-bus/${this.name}`))
      .map(({ Source, DetailType, Detail, Resources = [] }) => ({
        source: Source,
        detailType: DetailType,
        detail: JSON.parse(Detail),
        ...(Resources.length > 0 && { resources: Resources }),
      }));
  }
}
