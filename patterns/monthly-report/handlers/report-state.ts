/** Of the workflow's state, what the functions are given. */
export interface ReportState {
  /** `2026-01`. */
  readonly period: string;
  /** Which correction it is. */
  readonly rerun?: string;
  /** The dataset, for those that read one. */
  readonly object?: { readonly bucket: string; readonly key: string };
  readonly output: { readonly bucket: string; readonly prefix: string };
  /** What `render-report` gave, for those after it. */
  readonly join?: { readonly output: ReportSummary };
}

/** What a mail says of a report. Money in cents. */
export interface ReportSummary {
  readonly key: string;
  readonly booked: number;
  readonly invoiced: number;
  readonly currency: string;
  /** Cost centres whose two sums differ. */
  readonly differences: number;
  readonly late: number;
  readonly rejected: number;
}

/** Sums of one cost centre. */
export interface Booked {
  readonly trips: number;
  readonly cents: number;
}

/** What `read-bookings` writes. */
export interface Bookings {
  readonly centres: Readonly<Record<string, Booked>>;
  /** Trips of earlier months, which are in the sums too. */
  readonly late: readonly { readonly trip: string; readonly month: string; readonly centre: string; readonly cents: number }[];
  readonly rejected: readonly { readonly record: number; readonly reason: string }[];
}

/** What `read-invoice` writes. */
export interface Invoice {
  readonly number: string;
  readonly supplier: string;
  readonly currency: string;
  /** Cents by cost centre. */
  readonly centres: Readonly<Record<string, number>>;
  readonly total: number;
}

/** Where trips are made: a month begins and ends by its clocks. */
export const TIME_ZONE = 'Europe/Amsterdam';
