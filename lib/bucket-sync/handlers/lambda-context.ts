/** What Lambda gives beside the event, as far as it is used here. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}
