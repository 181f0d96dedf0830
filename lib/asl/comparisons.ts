/** Type tests: true or false is what they are compared with. */
export const TYPE_TESTS: readonly string[] = ['IsBoolean', 'IsNull', 'IsNumeric', 'IsPresent', 'IsString', 'IsTimestamp'];

/**
 * The comparisons of a JSONPath Choice rule, each but StringMatches and the type tests also with `Path`, in the order of AWS's messages.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html#amazon-states-language-choice-state-rules
 */
export const COMPARISONS: readonly string[] =
  `StringEquals IsBoolean StringLessThan IsNumeric BooleanEquals StringLessThanEqualsPath NumericLessThan NumericGreaterThan
  NumericLessThanPath StringMatches TimestampLessThanEqualsPath NumericEquals TimestampGreaterThan StringGreaterThanEqualsPath
  TimestampGreaterThanEqualsPath TimestampLessThanEquals NumericLessThanEqualsPath TimestampEquals BooleanEqualsPath IsTimestamp
  StringLessThanEquals NumericLessThanEquals StringLessThanPath TimestampGreaterThanPath StringGreaterThan StringGreaterThanPath IsString
  StringEqualsPath TimestampEqualsPath TimestampLessThan StringGreaterThanEquals NumericGreaterThanPath NumericGreaterThanEquals
  NumericEqualsPath TimestampLessThanPath IsNull IsPresent TimestampGreaterThanEquals NumericGreaterThanEqualsPath`.split(/\s+/);
