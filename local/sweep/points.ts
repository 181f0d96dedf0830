/** Which calls are made to fail: every site once, in a scenario that is chosen by rule. */
import type { ApiRequest } from '../cloud-types';
import { type FaultKind, faultsAt } from './fault';
import type { Site, Sites } from './sites';

/** The n-th call of a site while a scenario is played. */
export interface Point {
  readonly scenario: string;
  readonly site: Site;
  /** From 1. */
  readonly n: number;
}

export interface PlannedFault extends Point {
  readonly fault: FaultKind;
}

/** "OpenAccount dynamodb:UpdateItem #1" */
export const placeOf = ({ site, n }: Pick<Point, 'site' | 'n'>): string => `${site.name} #${n}`;

export interface Met {
  readonly site: Site;
  readonly n: number;
  readonly traceId?: string;
}

/** Calls that are the same, but for their number, under what makes them the same. */
export type Places = readonly (readonly [key: string, calls: readonly Met[]])[];

/** Writes down which sites a scenario meets. */
export class Recording {
  private readonly met: Met[] = [];
  private readonly counts = new Map<string, number>();

  constructor(private readonly sites: Sites) {}

  intercept = (request: ApiRequest, run: () => Promise<unknown>): Promise<unknown> => {
    const site = this.sites.of(request);
    if (site) {
      const n = (this.counts.get(site.name) ?? 0) + 1;
      this.counts.set(site.name, n);
      const traceId = request.origin?.kind === 'client' ? request.origin.traceId : undefined;
      this.met.push({ site, n, traceId });
    }
    return run();
  };

  /** Inside a handler, an invocation that meets other sites is another place: a handler does different things for different events. */
  places(): Places {
    const shapes = new Map<string, Set<string>>();
    for (const { traceId, site } of this.met) {
      if (traceId !== undefined) shapes.set(traceId, (shapes.get(traceId) ?? new Set()).add(site.name));
    }
    const places = new Map<string, Met[]>();
    for (const met of this.met) {
      const shape = met.traceId === undefined ? '' : [...(shapes.get(met.traceId) ?? [])].sort().join();
      const key = `${met.site.machine} ${met.site.name} ${shape}`;
      places.set(key, [...(places.get(key) ?? []), met]);
    }
    return [...places];
  }
}

export interface RecordedScenario {
  readonly scenario: string;
  /** Whether it makes calls fail itself: then it comes after all others, since one fault is to be seen at once. */
  readonly hasFaults: boolean;
  readonly places: Places;
}

/**
 * Each place once. The next scenario is always the one that meets the most places that are left for each call that it makes; of the calls
 * there the middle one is made to fail, so that something was done before and something is still to be done.
 */
export function choosePoints(recorded: readonly RecordedScenario[]): Point[] {
  const left = new Set(recorded.flatMap(({ places }) => places.map(([key]) => key)));
  const points: Point[] = [];
  while (left.size > 0) {
    const ranked = recorded
      .map((one) => ({ ...one, found: one.places.filter(([key]) => left.has(key)) }))
      .filter(({ found }) => found.length > 0)
      .sort((a, b) => Number(a.hasFaults) - Number(b.hasFaults) || worth(b) - worth(a));
    const [{ scenario, found }] = ranked;
    for (const [key, calls] of found) {
      left.delete(key);
      const { site, n } = calls[Math.floor((calls.length - 1) / 2)];
      points.push({ scenario, site, n });
    }
  }
  return points;
}

function worth({ found, places }: { readonly found: Places; readonly places: Places }): number {
  return found.length / places.reduce((sum, [, calls]) => sum + calls.length, 0);
}

export function plannedFaults(points: readonly Point[]): PlannedFault[] {
  return points.flatMap((point) => faultsAt(point.site).map((fault) => ({ ...point, fault })));
}
