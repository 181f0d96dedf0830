/** An event for other programs. */
export interface NotificationEventProps {
  /** What has happened, such as "Order Shipped": the event's `detail-type`. */
  readonly detailType: string;
  /** The event's `detail`, by field: texts, or JSONata over the state. A field that gives nothing is left out. `executionArn` is added, unless it is given. */
  readonly detail: { [field: string]: string };
  /** Whether the run fails when the event can't be put on the bus, after retries. Otherwise it goes on, by the state `<name>NotSent`. @default true */
  readonly mustArrive?: boolean;
}
