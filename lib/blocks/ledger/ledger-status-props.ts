/** Which item is looked up. */
export interface LedgerStatusProps {
  /** What the item is called: a text, or JSONata over the state. */
  readonly key: string;
  /** What is recorded of it: the name that its steps have in `once`. */
  readonly step: string;
  /** The field of the state that gets what is known. @default "item" */
  readonly outcomeField?: string;
}
