const ORDERED = ['Equals', 'GreaterThan', 'GreaterThanEquals', 'LessThan', 'LessThanEquals'];

/** Type tests: true or false is what they are compared with. */
export const TYPE_TESTS: readonly string[] = ['IsBoolean', 'IsNull', 'IsNumeric', 'IsPresent', 'IsString', 'IsTimestamp'];

/**
 * The comparisons of a JSONPath Choice rule, each but StringMatches and the type tests also with `Path`.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html#amazon-states-language-choice-state-rules
 */
export const COMPARISONS: readonly string[] = [
  'BooleanEquals',
  'BooleanEqualsPath',
  ...['Numeric', 'String', 'Timestamp'].flatMap((type) => ORDERED.flatMap((o) => [`${type}${o}`, `${type}${o}Path`])),
  'StringMatches',
  ...TYPE_TESTS,
];
