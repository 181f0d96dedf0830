import type { WaitState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { parseOffsetDateTime } from '../../../lib/asl/timestamp';
import { effectiveInput, fromInput, pathScope, query } from '../data/flow';
import { expectType, secondsResult } from '../data/jsonata';
import { fieldPath, integerOf } from '../data/paths';
import { QueryFault, runtimeFault } from '../errors';
import type { Outcome, Visit } from '../visit';

/** AWS adds the delay up in 32-bit seconds: about 68 years. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html */
export async function runWait(visit: Visit<WaitState>): Promise<Outcome> {
  const { clock } = visit.branch.run.surroundings.options;
  const until = visit.language === 'JSONata' ? await untilByExpression(visit, clock.now()) : untilByPath(visit, clock.now());
  if ((until - clock.now()) / 1000 > LONGEST_DELAY) throw runtimeFault('Wait state delay is too long.');
  if (until > clock.now()) await visit.branch.wait(clock.sleepUntil(until, visit.branch.signal));
  return fromInput(visit, visit.state.Next);
}

function untilByPath(visit: Visit<WaitState>, now: number): number {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = visit.state;
  const input = effectiveInput(visit);
  if (SecondsPath !== undefined) return now + secondsAt(SecondsPath, fieldPath(SecondsPath, input, pathScope(visit))) * 1000;
  if (TimestampPath !== undefined) return timeAt(TimestampPath, fieldPath(TimestampPath, input, pathScope(visit)));
  if (Timestamp !== undefined) return timeAt('Timestamp', Timestamp);
  return now + secondsAt('Seconds', Seconds ?? null) * 1000;
}

function secondsAt(path: string, value: Json): number {
  const seconds = integerOf(value);
  if (seconds === undefined) throw runtimeFault(`The SecondsPath parameter cannot be parsed as a long value: ${path} == ${shown(value)}`);
  if (seconds < 0) throw runtimeFault(`The SecondsPath parameter references a negative value: ${path} == ${seconds}`);
  return seconds;
}

function timeAt(path: string, value: Json): number {
  const time = typeof value === 'string' ? secondOf(value) : undefined;
  if (time !== undefined) return time;
  throw runtimeFault(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${shown(value)}`,
  );
}

/** A Wait until a time drops its milliseconds. Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html */
function secondOf(text: string): number | undefined {
  const time = parseOffsetDateTime(text);
  return time === undefined ? undefined : Math.floor(time / 1000) * 1000;
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function untilByExpression(visit: Visit<WaitState>, now: number): Promise<number> {
  const field = visit.state.Seconds === undefined ? 'Timestamp' : 'Seconds';
  const given = visit.state[field] ?? null;
  const value = await query(visit, given, field);
  const text = isJsonata(given) ? expressionText(given) : String(given);
  if (field === 'Seconds') return now + secondsResult(value, text, field) * 1000;
  expectType('string', value, text, field);
  const time = secondOf(value as string);
  if (time !== undefined) return time;
  throw new QueryFault(field, `The JSONata expression '${text}' specified for the field 'Timestamp' returned an invalid value: ${value}`);
}
