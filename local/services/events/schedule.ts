/** Schedule expressions of rules. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */

/** The next time, in milliseconds since the epoch, strictly after `after`; undefined when there is none any more. */
export type Schedule = (after: number) => number | undefined;

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const [count, unit] = [Number(rate[1]), rate[2]];
    // "If the value is equal to 1, then the unit must be singular."
    if (count < 1 || (count === 1) === expression.endsWith('s)')) throw invalid(expression);
    return (after) => after + count * UNITS[unit];
  }
  const cron = /^cron\((.+)\)$/.exec(expression);
  const fields = cron?.[1].trim().split(/\s+/);
  if (fields?.length !== 6) throw invalid(expression);
  return cronSchedule(fields, expression);
}

function invalid(expression: string): Error {
  return new Error(`Parameter ScheduleExpression is not valid: ${expression}`);
}

/** Minutes Hours Day-of-month Month Day-of-week Year, in UTC, to the minute. */
function cronSchedule([minute, hour, dayOfMonth, month, dayOfWeek, year]: readonly string[], expression: string): Schedule {
  // One of the two days must be "?".
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw invalid(expression);
  const minutes = values(minute, 0, 59, expression);
  const hours = values(hour, 0, 23, expression);
  const months = values(named(month, MONTHS, 1), 1, 12, expression);
  const years = values(year, 1970, 2199, expression);
  const isDay = dayOfWeek === '?' ? dayOfMonthTest(dayOfMonth, expression) : dayOfWeekTest(named(dayOfWeek, WEEKDAYS, 1), expression);

  return (after) => {
    const first = new Date(Math.floor(after / 60_000) * 60_000 + 60_000);
    for (const y of years) {
      if (y < first.getUTCFullYear()) continue;
      for (const m of months) {
        const days = new Date(Date.UTC(y, m, 0)).getUTCDate();
        for (let d = 1; d <= days; d++) {
          if (Date.UTC(y, m - 1, d, 23, 59) < first.getTime() || !isDay(y, m, d, days)) continue;
          for (const h of hours) {
            for (const min of minutes) {
              const at = Date.UTC(y, m - 1, d, h, min);
              if (at >= first.getTime()) return at;
            }
          }
        }
      }
    }
    return undefined;
  };
}

type DayTest = (year: number, month: number, day: number, daysInMonth: number) => boolean;

/** 0 is Sunday. */
const weekday = (year: number, month: number, day: number): number => new Date(Date.UTC(year, month - 1, day)).getUTCDay();

function dayOfMonthTest(field: string, expression: string): DayTest {
  if (field === 'L') return (_y, _m, day, last) => day === last;
  // The weekday nearest to this day, within the month.
  const near = /^(\d+)W$/.exec(field);
  if (near) {
    const wanted = Number(near[1]);
    return (year, month, day, last) => {
      if (wanted > last) return false;
      const on = weekday(year, month, wanted);
      let nearest = wanted;
      if (on === 6) nearest = wanted === 1 ? 3 : wanted - 1;
      if (on === 0) nearest = wanted === last ? wanted - 2 : wanted + 1;
      return day === nearest;
    };
  }
  const days = new Set(values(field, 1, 31, expression));
  return (_y, _m, day) => days.has(day);
}

/** In cron, 1 is Sunday. */
function dayOfWeekTest(field: string, expression: string): DayTest {
  const nth = /^([1-7])#([1-5])$/.exec(field);
  if (nth) return (year, month, day) => weekday(year, month, day) === Number(nth[1]) - 1 && Math.ceil(day / 7) === Number(nth[2]);
  const last = /^([1-7])L$/.exec(field);
  if (last) return (year, month, day, days) => weekday(year, month, day) === Number(last[1]) - 1 && day > days - 7;
  if (field === 'L') return (year, month, day) => weekday(year, month, day) === 6;
  const wanted = new Set(values(field, 1, 7, expression));
  return (year, month, day) => wanted.has(weekday(year, month, day) + 1);
}

function named(field: string, names: readonly string[], first: number): string {
  return field.replace(/[A-Z]{3}/gi, (name) => {
    const at = names.indexOf(name.toUpperCase());
    return at < 0 ? name : String(at + first);
  });
}

/** "*", "5", "1-5", "1,3", and steps of each: "0/15". */
function values(field: string, min: number, max: number, expression: string): number[] {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const parsed = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!parsed) throw invalid(expression);
    const [, all, from, to, step] = parsed;
    const start = all ? min : Number(from);
    const end = all || (step && !to) ? max : Number(to ?? from);
    if (start < min || end > max || start > end || step === '0') throw invalid(expression);
    for (let value = start; value <= end; value += Number(step ?? 1)) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}
