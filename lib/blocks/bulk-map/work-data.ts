/** What a child's work gets and gives: JSONata, without its brackets. */
export interface WorkData {
  /** What the work gets. @default - the child's input as it is */
  readonly payload?: string;
  /** The child's output, made of JSONata for what the work answered. @default - the answer as it is */
  output?(answer: string): string;
}
