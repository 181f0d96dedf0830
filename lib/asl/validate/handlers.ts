import { ErrorName, isReservedErrorName } from '../error-names';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { Quota } from '../quotas';
import type { Findings } from './diagnostic';
import {
  anything,
  checkFields,
  EMPTY,
  type Fields,
  integer,
  list,
  number,
  object,
  oneOf,
  referencePathOrNull,
  requireFields,
  text,
} from './fields';
import type { Surrounding } from './surrounding';

const RETRIER: Fields = {
  Comment: text,
  ErrorEquals: list,
  IntervalSeconds: integer(0),
  MaxAttempts: integer(0, Quota.RETRY_ATTEMPTS),
  BackoffRate: number(1, Number.MAX_VALUE),
  MaxDelaySeconds: integer(1, Quota.RETRY_MAX_DELAY_SECONDS),
  JitterStrategy: oneOf('NONE', 'FULL'),
};

const CATCHER: Readonly<Record<string, Fields>> = {
  JSONPath: { Comment: text, ErrorEquals: list, Next: text, ResultPath: referencePathOrNull, Assign: object },
  JSONata: { Comment: text, ErrorEquals: list, Next: text, Assign: object, Output: anything },
};

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export function validateRetry(retry: Json | undefined, at: string, findings: Findings): void {
  if (!Array.isArray(retry)) return;
  for (const [i, retrier, where] of entries(retry, `${at}/Retry`, findings)) {
    checkFields(retrier, RETRIER, 'JSONPath', where, findings);
    if (requireFields(retrier, ['ErrorEquals'], where, findings)) checkErrorEquals(retrier, i === retry.length - 1, where, findings);
  }
}

export function validateCatch(catchers: Json | undefined, { at, findings, language }: Surrounding): void {
  if (!Array.isArray(catchers)) return;
  for (const [i, catcher, where] of entries(catchers, `${at}/Catch`, findings)) {
    checkFields(catcher, CATCHER[language], language, where, findings);
    if (requireFields(catcher, ['ErrorEquals', 'Next'], where, findings))
      checkErrorEquals(catcher, i === catchers.length - 1, where, findings);
  }
}

function* entries(values: readonly Json[], at: string, findings: Findings): Iterable<[number, JsonObject, string]> {
  for (const [i, value] of values.entries()) {
    const where = `${at}[${i}]`;
    if (isObject(value)) yield [i, value, where];
    else findings.error(where, 'Expected value of type Object');
  }
}

function checkErrorEquals(handler: JsonObject, isLast: boolean, at: string, findings: Findings): void {
  const names = handler.ErrorEquals;
  const where = `${at}/ErrorEquals`;
  if (!Array.isArray(names)) return;
  if (names.length === 0) findings.error(where, EMPTY);
  for (const name of names) {
    if (typeof name !== 'string') findings.error(where, 'Expected value of type String');
    else if (name.startsWith('States.') && !isReservedErrorName(name)) {
      findings.warning(where, `Error names that begin with 'States.' are reserved, and '${name}' is not one of them`, 'UNKNOWN_ERROR_NAME');
    }
  }
  if (names.includes(ErrorName.ALL) && (names.length > 1 || !isLast)) {
    findings.error(where, `${ErrorName.ALL} must appear alone and at end of list`);
  }
}
