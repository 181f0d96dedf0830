import type { FaultKind, Invariant, Invariants, World } from '../../local/sweep';
import { FAN_IN_ETL_UNREACHED } from '../fan-in-etl';
import { nobodyWaits } from '../object-gate';

const STACK = 'MonthlyReport';
const DAY = 86_400;
const RECIPIENTS = ['board@example.com', 'finance@example.com'];

interface Outcome {
  readonly output: { readonly prefix: string };
  readonly join: { readonly output: { readonly key: string } };
  readonly delivery: { readonly output: { readonly status: string } };
}

interface Delivery {
  readonly report: string;
  readonly status: 'SENDING' | 'SENT';
}

interface Period {
  readonly key: string;
  readonly status: string;
  readonly execution: string;
}

const outcomes = ({ runs }: World) =>
  runs
    .filter(({ status }) => status === 'SUCCEEDED')
    .map(({ name, input, output }) => {
      const { period, rerun } = JSON.parse(input) as { period: string; rerun?: string };
      return { name, report: rerun === undefined ? period : `${period}#${rerun}`, outcome: output as unknown as Outcome };
    });

const deliveries = ({ cloud }: World) => cloud.table(`${STACK}/Deliveries`).items() as unknown as Delivery[];

const reportMails = ({ cloud }: World) => cloud.outbox.filter(({ to }) => RECIPIENTS.includes(to));

const reportKeys = ({ cloud }: World): readonly string[] => cloud.bucket(`${STACK}/Report/Output`).keys();

const subjectOf = (report: string): string => `Trips of ${report.replace('#', ', corrected: ')}`;

const oneMail: Invariant = {
  name: 'nobody is sent the same report twice',
  holds: (world) => {
    const sent = reportMails(world).map(({ to, subject }) => `${subject} to ${to}`);
    return sent.filter((one, index) => sent.indexOf(one) !== index).map((one) => `mailed again: ${one}`);
  },
};

const oneReport: Invariant = {
  name: 'a month has one report: its runs name the same, and it is there',
  holds: (world) => {
    const keys = new Map<string, string>();
    return outcomes(world).flatMap(({ name, report, outcome: { join } }) => {
      const { key } = join.output;
      const former = keys.get(report) ?? key;
      keys.set(report, former);
      if (former !== key) return [`the run ${name} gives ${key}, another one of ${report} ${former}`];
      return reportKeys(world).includes(key) ? [] : [`the run ${name} names ${key}, which is not there`];
    });
  },
};

const sentIsSent: Invariant = {
  name: 'a report that is said to be sent has reached everybody',
  holds: (world) => {
    const mails = reportMails(world);
    const claimed = [
      ...deliveries(world)
        .filter(({ status }) => status === 'SENT')
        .map(({ report }) => report),
      ...outcomes(world).map(({ report }) => report),
    ];
    return [...new Set(claimed)].flatMap((report) =>
      RECIPIENTS.filter((recipient) => !mails.some(({ to, subject }) => to === recipient && subject === subjectOf(report))).map(
        (recipient) => `${report} is said to be sent, and ${recipient} has no mail`,
      ),
    );
  },
};

/** Without the row the next run would send it again. */
const mailsAreKnown: Invariant = {
  name: 'no mail without the row that keeps it from being sent again',
  holds: (world) => {
    const known = deliveries(world).map(({ report }) => subjectOf(report));
    return reportMails(world)
      .filter(({ subject }) => !known.includes(subject))
      .map(({ to, subject }) => `${to} has the mail ${subject}, of which the table knows nothing`);
  },
};

const linksOpen: Invariant = {
  name: 'the link of every mail names a report that is there',
  holds: (world) =>
    reportMails(world).flatMap(({ to, body }) => {
      const [, payload = ''] = /https?:\/\/[^/\s]+\/(?:[^/\s]+\/)*([\w-]+)\.[\w-]+\s/.exec(body) ?? [];
      const text = Buffer.from(payload, 'base64url').toString('utf8');
      const key = /^\["([^"]+)",\d+\]$/.exec(text)?.[1] ?? '';
      return reportKeys(world).includes(key) ? [] : [`the link to ${to} names '${key}', which is not there`];
    }),
};

const nothingTemporary: Invariant = {
  name: 'the output holds reports and what they were made of, and nothing else',
  holds: (world) =>
    reportKeys(world)
      .filter((key) => !/^reports\/\d{4}-\d\d\/[^/]+\/(bookings\.json|invoice\.json|report\.html)$/.test(key))
      .map((key) => `the output holds ${key}`),
};

const monthsAreLeft: Invariant = {
  name: 'no month is held by a run that has ended',
  holds: ({ cloud, runs }) =>
    (cloud.table(`${STACK}/Report/Periods/Items`).items() as unknown as Period[])
      .filter(({ status }) => status === 'IN_PROGRESS')
      .map(({ key, execution }) => {
        const status = runs.find(({ arn }) => arn === execution)?.status;
        return `${key} is in progress by ${execution}, which is ${status ?? 'unknown'}`;
      }),
};

/** Between the intention and the note that the mail is sent nobody can tell whether it was. */
const UNCLEAR: readonly { readonly fault: FaultKind; readonly at: string }[] = [
  { fault: 'crash', at: 'DeliverReport dynamodb:PutItem #*' },
  { fault: 'timeout', at: 'DeliverReport sns:Publish #*' },
  { fault: 'crash', at: 'DeliverReport sns:Publish #*' },
  { fault: 'error', at: 'DeliverReport dynamodb:UpdateItem #*' },
  { fault: 'timeout', at: 'DeliverReport dynamodb:UpdateItem #*' },
];
const UNCLEAR_WHY = 'By design a person looks whether the mail came, and removes the row if not: a second report is worse than a question.';

/** What must be true of reports, mails and months, whatever fails. */
export const invariants: Invariants = {
  hold: [oneMail, oneReport, sentIsSent, mailsAreKnown, linksOpen, nothingTemporary, nobodyWaits(`${STACK}/Report/Gate`), monthsAreLeft],
  scenarios: ['bookings-first', 'duplicate-events', 'at-work', 'invoice-missing'],
  // It waits for ten days at most.
  patience: 12 * DAY,
  // A sweep is made every six hours.
  afterwards: DAY / 2,
  unreached: [...FAN_IN_ETL_UNREACHED],
  waived: [
    ...UNCLEAR.map(({ fault, at }) => ({ invariant: 'the second time ends as if nothing had been', fault, at, why: UNCLEAR_WHY })),
    {
      invariant: oneMail.name,
      fault: 'duplicate',
      at: 'DeliverReport sns:Publish #*',
      why: 'SNS itself may deliver a mail twice, and nobody can keep it from that.',
    },
    {
      invariant: monthsAreLeft.name,
      fault: 'error',
      at: 'RunPeriodRecordFailure dynamodb:UpdateItem #*',
      why: 'The next run asks about the run that holds the month, and takes over.',
    },
  ],
};
