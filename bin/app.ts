/**
 * The CDK app with every sample: `npx cdk deploy AccountOpening`.
 * `-c reviewer=you@example.com -c supervisor=boss@example.com` says who is asked.
 */
import { App } from 'aws-cdk-lib';
import { SAMPLES } from './patterns';

const app = new App();
for (const sample of SAMPLES) sample.addStacks(app);
