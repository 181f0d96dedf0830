import type { LogLine } from './log-line';

/** Lines, counted. */
export interface Traffic {
  readonly requests: number;
  readonly bytes: number;
  /** By class: "2xx". */
  readonly statuses: { readonly [status: string]: number };
  /** By the first part of the path: "/products". */
  readonly sections: { readonly [section: string]: Section };
}

export interface Section {
  readonly requests: number;
  readonly errors: number;
  /** Of the slowest request. */
  readonly slowestMillis: number;
}

export const NO_TRAFFIC: Traffic = { requests: 0, bytes: 0, statuses: {}, sections: {} };

export function trafficOf(lines: readonly LogLine[]): Traffic {
  return lines.map(trafficOfLine).reduce(together, NO_TRAFFIC);
}

export function together(one: Traffic, other: Traffic): Traffic {
  return {
    requests: one.requests + other.requests,
    bytes: one.bytes + other.bytes,
    statuses: merged(one.statuses, other.statuses, (a, b) => a + b),
    sections: merged(one.sections, other.sections, (a, b) => ({
      requests: a.requests + b.requests,
      errors: a.errors + b.errors,
      slowestMillis: Math.max(a.slowestMillis, b.slowestMillis),
    })),
  };
}

function trafficOfLine({ path, status, bytes, millis }: LogLine): Traffic {
  const section = `/${path.split(/[/?]/, 2)[1]}`;
  return {
    requests: 1,
    bytes,
    statuses: { [`${Math.floor(status / 100)}xx`]: 1 },
    sections: { [section]: { requests: 1, errors: status >= 500 ? 1 : 0, slowestMillis: millis } },
  };
}

/** Members in alphabetical order, so that the same lines give the same report. */
function merged<T>(one: Readonly<Record<string, T>>, other: Readonly<Record<string, T>>, add: (a: T, b: T) => T): Record<string, T> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    names.map((name) => {
      const [a, b] = [Object.hasOwn(one, name) ? one[name] : undefined, Object.hasOwn(other, name) ? other[name] : undefined];
      return [name, a === undefined ? (b as T) : b === undefined ? a : add(a, b)];
    }),
  );
}
