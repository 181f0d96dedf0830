'use strict';
/**
 * `Date` on the virtual clock, and in the function's time zone instead of the host's (in a worker thread TZ has no effect by
 * itself). `performance.now()`, `process.hrtime()` and timers stay real: they measure the work that is really done.
 *
 * The clock stands still while a handler runs, so a loop that waits for `Date.now()` to pass ends with the function's timeout.
 */
function installDate({ now, timeZone: configured }) {
  const Native = globalThis.Date;
  const NativeFormat = Intl.DateTimeFormat;
  const timeZone = validZone(NativeFormat, configured);
  const offsetAt = zoneOffset(Native, NativeFormat, timeZone);
  /** Local wall time, as if it were UTC, to the instant. */
  const fromLocal = (local) => {
    const guess = local - offsetAt(local);
    return local - offsetAt(guess);
  };
  const shifted = (date) => new Native(date.getTime() + offsetAt(date.getTime()));

  const parse = (text) => {
    const string = String(text).trim();
    const isDateOnly = /^([+-]\d{2})?\d{4}(-\d\d(-\d\d)?)?$/.test(string); // that is UTC, says ECMAScript
    const namesZone = /(Z|UTC?|GMT|[+-]\d\d:?\d\d|\b[ECMP][SD]T)\s*(\([^)]*\))?$/i.test(string) && /[T\s]/i.test(string);
    if (isDateOnly || namesZone) return Native.parse(string);
    const local = Native.parse(/^[+-]?\d{4,6}-\d\d(-\d\d)?T/.test(string) ? `${string}Z` : `${string} UTC`);
    return Number.isNaN(local) ? Native.parse(string) : fromLocal(local);
  };

  function VirtualDate(...values) {
    if (!new.target) return new VirtualDate().toString();
    let argument = values[0];
    if (values.length === 0) argument = now();
    else if (values.length > 1) argument = fromLocal(Native.UTC(...values));
    else if (typeof argument === 'string') argument = parse(argument);
    return Reflect.construct(Native, [argument], new.target === VirtualDate ? Native : new.target);
  }
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  Object.defineProperty(VirtualDate, 'length', { value: 7 });
  // One prototype for both, so that dates which Node itself makes (a file's mtime) are instances of this Date too.
  Object.defineProperty(VirtualDate, 'prototype', { value: Native.prototype, writable: false });
  const statics = { now: () => now(), parse: (text) => parse(text), UTC: Native.UTC };
  for (const [name, value] of Object.entries(statics)) hide(VirtualDate, name, value);
  hide(Native.prototype, 'constructor', VirtualDate);
  hide(globalThis, 'Date', VirtualDate);

  const { prototype } = Native;
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    const getUTC = prototype[`getUTC${part}`];
    const setUTC = prototype[`setUTC${part}`];
    hide(prototype, `get${part}`, function () {
      return getUTC.call(shifted(this));
    });
    if (!setUTC) continue;
    hide(prototype, `set${part}`, function (...values) {
      const local = shifted(this);
      setUTC.apply(local, values);
      return this.setTime(fromLocal(local.getTime()));
    });
  }
  hide(prototype, 'getYear', function () {
    return this.getFullYear() - 1900;
  });
  hide(prototype, 'getTimezoneOffset', function () {
    return Number.isNaN(this.getTime()) ? Number.NaN : -offsetAt(this.getTime()) / 60_000;
  });

  const day = (date) =>
    shifted(date)
      .toUTCString()
      .replace(/^(\w+), (\d+) (\w+) (-?\d+).*$/, '$1 $3 $2 $4');
  const clock = (date) => {
    const minutes = offsetAt(date.getTime()) / 60_000;
    const digits = `${Math.floor(Math.abs(minutes) / 60)}`.padStart(2, '0') + `${Math.abs(minutes) % 60}`.padStart(2, '0');
    const time = shifted(date).toISOString().slice(-13, -5);
    return `${time} GMT${minutes < 0 ? '-' : '+'}${digits} (${zoneName(NativeFormat, timeZone, date)})`;
  };
  const texts = { toDateString: day, toTimeString: clock, toString: (date) => `${day(date)} ${clock(date)}` };
  for (const [name, text] of Object.entries(texts)) {
    hide(prototype, name, function () {
      return Number.isNaN(this.getTime()) ? 'Invalid Date' : text(this);
    });
  }
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const native = prototype[name];
    hide(prototype, name, function (locales = 'en-US', options = {}) {
      return native.call(this, locales, { ...options, timeZone: options?.timeZone ?? timeZone });
    });
  }

  installFormat(NativeFormat, now, timeZone);
}

/** `Intl.DateTimeFormat` too takes the function's zone, Lambda's language, and the virtual clock where no date is given. */
function installFormat(Native, now, timeZone) {
  function DateTimeFormat(locales = 'en-US', options = {}) {
    const target = !new.target || new.target === DateTimeFormat ? Native : new.target;
    return Reflect.construct(Native, [locales, { ...options, timeZone: options?.timeZone ?? timeZone }], target);
  }
  Object.defineProperty(DateTimeFormat, 'prototype', { value: Native.prototype, writable: false });
  hide(DateTimeFormat, 'supportedLocalesOf', Native.supportedLocalesOf);
  const { get } = Object.getOwnPropertyDescriptor(Native.prototype, 'format');
  const { formatToParts } = Native.prototype;
  Object.defineProperty(Native.prototype, 'format', {
    configurable: true,
    get() {
      const format = get.call(this);
      return (date) => format(date ?? now());
    },
  });
  hide(Native.prototype, 'formatToParts', function (date) {
    return formatToParts.call(this, date ?? now());
  });
  hide(Native.prototype, 'constructor', DateTimeFormat);
  hide(Intl, 'DateTimeFormat', DateTimeFormat);
}

/** Lambda's own is ":UTC". */
function validZone(Format, configured = 'UTC') {
  const zone = configured.replace(/^:/, '') || 'UTC';
  try {
    return new Format('en-US', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

/** Milliseconds that the zone's wall time is ahead of UTC at an instant. */
function zoneOffset(Native, Format, timeZone) {
  if (timeZone === 'UTC') return () => 0;
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' };
  const format = new Format('en-US', { ...fields, timeZone, hourCycle: 'h23', calendar: 'gregory' });
  const toParts = format.formatToParts.bind(format);
  return (instant) => {
    if (!Number.isFinite(instant)) return 0;
    const part = Object.fromEntries(toParts(instant).map(({ type, value }) => [type, Number(value)]));
    const wall = Native.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    return wall - Math.floor(instant / 1000) * 1000;
  };
}

function zoneName(Format, timeZone, date) {
  const parts = new Format('en-US', { timeZone, timeZoneName: 'long' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName').value;
}

function hide(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });
}

module.exports = { installDate };
