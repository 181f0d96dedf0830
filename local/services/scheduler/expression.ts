/** at(…), rate(…) and cron(…) of schedules. Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
import { ApiError } from '../../cloud-types';
import { parseSchedule, type Schedule } from '../events/schedule';
import { TimeZone } from './time-zone';

export interface Timing {
  readonly expression: string;
  readonly timeZone: string;
  /** Not for one-time schedules, which ignore both. */
  readonly start?: number;
  readonly end?: number;
  readonly createdAt: number;
}

const MINUTE = 60_000;

/** Its occurrences. @throws ValidationException */
export function occurrences(timing: Timing): Schedule {
  const zone = zoneOf(timing.timeZone);
  const { expression, start, end = Number.POSITIVE_INFINITY } = timing;
  if (expression.startsWith('at(')) return once(expression, zone);
  const next = expression.startsWith('rate(') ? rate(timing) : cron(expression, zone);
  return (after) => {
    const at = next(start === undefined ? after : Math.max(after, start - 1));
    return at !== undefined && at <= end ? at : undefined;
  };
}

export const isOnce = (expression: string): boolean => expression.startsWith('at(');

function zoneOf(name: string): TimeZone {
  try {
    return new TimeZone(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw validation(`Provided ScheduleExpressionTimezone is not valid: ${name}`);
  }
}

function once(expression: string, zone: TimeZone): Schedule {
  const text = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)?.[1];
  const wall = text === undefined ? Number.NaN : Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) throw invalid(expression);
  const at = zone.toInstant(wall);
  if (at === undefined) throw validation(`${expression} is in the hour that the clocks of ${zone.name} skip`);
  return (after) => (at > after ? at : undefined);
}

/**
 * From its start date on. Without one it "starts invoking immediately": within the first minute, by when the rest of its stack is there.
 * A day has 24 hours, whatever the clocks do.
 */
function rate({ expression, start, createdAt }: Timing): Schedule {
  const advance = parse(expression);
  const step = advance(0) as number;
  const first = start ?? createdAt + MINUTE;
  return (after) => (after < first ? first : first + (Math.floor((after - first) / step) + 1) * step);
}

/** "Your schedule is skipped" where its time doesn't exist, and "runs only once" where it comes twice. */
function cron(expression: string, zone: TimeZone): Schedule {
  const next = parse(expression);
  return (after) => {
    for (let wall = next(zone.toWall(after) - 1); wall !== undefined; wall = next(wall)) {
      const at = zone.toInstant(wall);
      if (at !== undefined && at > after) return at;
    }
    return undefined;
  };
}

function parse(expression: string): Schedule {
  try {
    return parseSchedule(expression);
  } catch {
    throw invalid(expression);
  }
}

const invalid = (expression: string): ApiError => validation(`Invalid Schedule Expression ${expression}.`);

export function validation(message: string): ApiError {
  return new ApiError('ValidationException', message);
}
