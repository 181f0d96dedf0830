import { EtlPeriod } from './etl-period';

interface PeriodForm {
  /** A regular expression. */
  readonly pattern: string;
  readonly format: string;
  /** For JSONata's `$fromMillis`. */
  readonly picture: string;
}

export const PERIOD_FORMS: { readonly [period in EtlPeriod]: PeriodForm } = {
  [EtlPeriod.DAY]: {
    pattern: '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])',
    format: 'a day, YYYY-MM-DD',
    picture: '[Y0001]-[M01]-[D01]',
  },
  [EtlPeriod.MONTH]: { pattern: '[0-9]{4}-(0[1-9]|1[0-2])', format: 'a month, YYYY-MM', picture: '[Y0001]-[M01]' },
};
