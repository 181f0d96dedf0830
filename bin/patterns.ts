import type { App } from 'aws-cdk-lib';
import type { Pattern } from '../local';
import type { Invariants } from '../local/sweep';
import { invariants as accountOpeningInvariants } from '../patterns/account-opening/invariants';
import { accountOpening } from '../patterns/account-opening/scenarios';
import { AccountOpeningExpressStack, AccountOpeningStack } from '../patterns/account-opening/stack';
import { invariants as bucketSyncInvariants } from '../patterns/bucket-sync/invariants';
import { bucketSync } from '../patterns/bucket-sync/scenarios';
import { BucketSyncStack } from '../patterns/bucket-sync/stack';
import { invariants as creditLimitInvariants } from '../patterns/credit-limit/invariants';
import { creditLimit } from '../patterns/credit-limit/scenarios';
import { CreditLimitStack } from '../patterns/credit-limit/stack';
import { invariants as largeScaleMapInvariants } from '../patterns/large-scale-map/invariants';
import { largeScaleMap } from '../patterns/large-scale-map/scenarios';
import { LargeScaleMapStack } from '../patterns/large-scale-map/stack';
import { invariants as mediaRoutingInvariants } from '../patterns/media-routing/invariants';
import { mediaRouting } from '../patterns/media-routing/scenarios';
import { MediaRoutingStack } from '../patterns/media-routing/stack';
import { invariants as modelApprovalInvariants } from '../patterns/model-approval/invariants';
import { modelApproval } from '../patterns/model-approval/scenarios';
import { ModelApprovalStack } from '../patterns/model-approval/stack';
import { invariants as monthlyReportInvariants } from '../patterns/monthly-report/invariants';
import { monthlyReport } from '../patterns/monthly-report/scenarios';
import { MonthlyReportStack } from '../patterns/monthly-report/stack';
import { invariants as orderedListInvariants } from '../patterns/ordered-list/invariants';
import { orderedList } from '../patterns/ordered-list/scenarios';
import { OrderedListStack } from '../patterns/ordered-list/stack';
import { invariants as policyGuardInvariants } from '../patterns/policy-guard/invariants';
import { policyGuard } from '../patterns/policy-guard/scenarios';
import { PolicyGuardStack } from '../patterns/policy-guard/stack';
import { invariants as salesMarketingEtlInvariants } from '../patterns/sales-marketing-etl/invariants';
import { salesMarketingEtl } from '../patterns/sales-marketing-etl/scenarios';
import { SalesMarketingEtlStack } from '../patterns/sales-marketing-etl/stack';
import { invariants as splitTranscodeInvariants } from '../patterns/split-transcode/invariants';
import { splitTranscode } from '../patterns/split-transcode/scenarios';
import { SplitTranscodeStack } from '../patterns/split-transcode/stack';
import { findFfmpeg } from './ffmpeg';

/** A sample: its scenarios, and the stacks that they run on. */
export interface Sample {
  readonly pattern: Pattern;
  /** What holds whatever fails. @default - the fault sweep leaves the sample out */
  readonly invariants?: Invariants;
  /**
   * Looks for what it needs of this machine.
   * @param fetch whether what can be fetched may be
   * @default - nothing is needed
   */
  needs?(fetch: boolean): Promise<Needs>;
  addStacks(app: App): void;
}

/** What a sample has of this machine. */
export interface Needs {
  /** What is lacking, and how to get it; then the sample is skipped. */
  readonly lack?: string;
  /** Context by which the stacks know where it is. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Every sample that there is. */
export const SAMPLES: readonly Sample[] = [
  {
    pattern: accountOpening,
    invariants: accountOpeningInvariants,
    addStacks: (app) => {
      const [reviewer, supervisor, operator] = ['reviewer', 'supervisor', 'operator'].map((person) => app.node.tryGetContext(person));
      new AccountOpeningStack(app, 'AccountOpening', {
        description: 'Account opening with a human approval',
        reviewer,
        supervisor,
        operator,
      });
      new AccountOpeningExpressStack(app, 'AccountOpeningExpress', { description: 'Account opening without a person, Express', operator });
    },
  },
  {
    pattern: bucketSync,
    invariants: bucketSyncInvariants,
    addStacks: (app) => {
      const [editor, operator] = ['editor', 'operator'].map((person) => app.node.tryGetContext(person));
      new BucketSyncStack(app, 'BucketSync', { description: 'A website published with BucketSync', editor, operator });
    },
  },
  {
    pattern: creditLimit,
    invariants: creditLimitInvariants,
    addStacks: (app) => {
      const [officer, head, operator] = ['officer', 'head', 'operator'].map((person) => app.node.tryGetContext(person));
      const board = app.node.tryGetContext('board')?.split(',');
      new CreditLimitStack(app, 'CreditLimit', { description: 'Credit limits by rule, officer or board', officer, head, board, operator });
    },
  },
  {
    pattern: largeScaleMap,
    invariants: largeScaleMapInvariants,
    addStacks: (app) => {
      const operator = app.node.tryGetContext('operator');
      new LargeScaleMapStack(app, 'LargeScaleMap', { description: 'Log lines counted with a Distributed Map', operator });
    },
  },
  {
    pattern: mediaRouting,
    invariants: mediaRoutingInvariants,
    addStacks: (app) => {
      const [operator, repository] = ['operator', 'repository'].map((name) => app.node.tryGetContext(name));
      new MediaRoutingStack(app, 'MediaRouting', { description: 'Previews of recordings, by Lambda or Fargate', operator, repository });
    },
  },
  {
    pattern: modelApproval,
    invariants: modelApprovalInvariants,
    addStacks: (app) => {
      const reviewers = app.node.tryGetContext('reviewers')?.split(',');
      const [deskReviewer, operator] = ['deskReviewer', 'operator'].map((person) => app.node.tryGetContext(person));
      new ModelApprovalStack(app, 'ModelApproval', { description: 'Models reviewed and published', reviewers, deskReviewer, operator });
    },
  },
  {
    pattern: monthlyReport,
    invariants: monthlyReportInvariants,
    addStacks: (app) => {
      const recipients = app.node.tryGetContext('recipients')?.split(',');
      const monthly = app.node.tryGetContext('monthly') !== undefined;
      const operator = app.node.tryGetContext('operator');
      new MonthlyReportStack(app, 'MonthlyReport', {
        description: 'A report each month from a CSV and an invoice',
        recipients,
        operator,
        monthly,
      });
    },
  },
  {
    pattern: orderedList,
    invariants: orderedListInvariants,
    addStacks: (app) => {
      const operator = app.node.tryGetContext('operator');
      new OrderedListStack(app, 'OrderedList', { description: 'A list worked on in its order', operator });
    },
  },
  {
    pattern: policyGuard,
    invariants: policyGuardInvariants,
    addStacks: (app) => {
      const { administrator, operator } = {
        administrator: app.node.tryGetContext('administrator'),
        operator: app.node.tryGetContext('operator'),
      };
      const env = { region: 'us-east-1' };
      new PolicyGuardStack(app, 'PolicyGuard', {
        description: 'Policies of IAM judged when they are written',
        env,
        administrator,
        operator,
      });
    },
  },
  {
    pattern: salesMarketingEtl,
    invariants: salesMarketingEtlInvariants,
    addStacks: (app) => {
      const weekly = app.node.tryGetContext('weekly') !== undefined;
      const operator = app.node.tryGetContext('operator');
      new SalesMarketingEtlStack(app, 'SalesMarketingEtl', { description: 'Sales and marketing joined each week', operator, weekly });
    },
  },
  {
    pattern: splitTranscode,
    invariants: splitTranscodeInvariants,
    needs: async (fetch) => {
      const found = await findFfmpeg({ fetch });
      if ('lack' in found) return found;
      // By this the clips are made.
      process.env.FFMPEG_PATH = found.file;
      return { context: { ffmpegPath: found.file } };
    },
    addStacks: (app) => {
      const [operator, ffmpegLayer, ffmpegPath, repository] = ['operator', 'ffmpegLayer', 'ffmpegPath', 'repository'].map((name) =>
        app.node.tryGetContext(name),
      );
      new SplitTranscodeStack(app, 'SplitTranscode', {
        description: 'Video clips transcoded in segments',
        operator,
        ffmpegLayer,
        ffmpegPath,
        repository,
      });
    },
  },
];
