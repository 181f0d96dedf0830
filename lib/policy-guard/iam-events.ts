import { type aws_events as events, type Stack, Token } from 'aws-cdk-lib';
import { WATCHED_CALLS } from './handlers/record';

/** The calls that a guard looks at. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
export function policyWrites(): events.EventPattern {
  return {
    source: ['aws.iam'],
    detailType: ['AWS API Call via CloudTrail'],
    detail: { eventSource: ['iam.amazonaws.com'], eventName: [...WATCHED_CALLS] },
  };
}

/** Of each partition the one that has the events of IAM. https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const IAM_REGIONS = ['us-east-1', 'cn-north-1', 'us-gov-west-1'];

/** Why a stack gets no events of IAM; nothing where its region is not known. */
export function regionProblem({ region }: Stack): string | undefined {
  if (Token.isUnresolved(region) || IAM_REGIONS.includes(region)) return undefined;
  return `the stack is of ${region}, and IAM puts its events on the bus of us-east-1 (cn-north-1 in China, us-gov-west-1 in GovCloud) only`;
}
