import type { App } from 'aws-cdk-lib';
import type { Pattern } from '../local';
import { accountOpening } from '../patterns/account-opening/scenarios';
import { AccountOpeningExpressStack, AccountOpeningStack } from '../patterns/account-opening/stack';
import { largeScaleMap } from '../patterns/large-scale-map/scenarios';
import { LargeScaleMapStack } from '../patterns/large-scale-map/stack';
import { orderedList } from '../patterns/ordered-list/scenarios';
import { OrderedListStack } from '../patterns/ordered-list/stack';

/** A sample: its scenarios, and the stacks that they run on. */
export interface Sample {
  readonly pattern: Pattern;
  addStacks(app: App): void;
}

/** Every sample that there is. */
export const SAMPLES: readonly Sample[] = [
  {
    pattern: accountOpening,
    addStacks: (app) => {
      const { reviewer, supervisor } = { reviewer: app.node.tryGetContext('reviewer'), supervisor: app.node.tryGetContext('supervisor') };
      new AccountOpeningStack(app, 'AccountOpening', { description: 'Account opening with a human approval', reviewer, supervisor });
      new AccountOpeningExpressStack(app, 'AccountOpeningExpress', { description: 'Account opening without a person, Express' });
    },
  },
  {
    pattern: largeScaleMap,
    addStacks: (app) => {
      new LargeScaleMapStack(app, 'LargeScaleMap', { description: 'Log lines counted with a Distributed Map' });
    },
  },
  {
    pattern: orderedList,
    addStacks: (app) => {
      new OrderedListStack(app, 'OrderedList', { description: 'A list worked on in its order' });
    },
  },
];
