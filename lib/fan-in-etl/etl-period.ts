/** How periods are named. */
export enum EtlPeriod {
  /** `2026-01-05`: a day, or anything that is named by its first day, such as a week. */
  DAY = 'DAY',
  /** `2026-01`. */
  MONTH = 'MONTH',
}
