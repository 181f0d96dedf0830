/** Why somebody is refused before anything is known of a request: told in a page of its own. */
export class Refusal extends Error {
  /**
   * @param outcome for the log
   * @param text what is told
   * @param back whether there may be a request to go back to
   */
  constructor(
    readonly status: number,
    outcome: string,
    readonly heading: string,
    readonly text: string,
    readonly back = false,
  ) {
    super(outcome);
  }
}
