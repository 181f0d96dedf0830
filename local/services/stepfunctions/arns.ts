/** The ARNs of Step Functions. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
import { ApiError } from '../../cloud-types';

/** `…:stateMachine:<name>`, with a version's number or an alias's name behind it, or with the label of a Distributed Map. */
export interface StateMachineArn {
  /** Without qualifier. */
  readonly base: string;
  readonly qualifier?: string;
}

/** The texts are recorded answers of AWS. */
export function checkArn(arn: string, kind: string): void {
  const parts = arn.split(':');
  if (parts[0] !== 'arn') throw new ApiError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (parts[2] !== 'states' || parts.length < 7 || parts[6] === '') throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
  if (parts[5] !== kind) throw new ApiError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${parts[5]}'`);
}

/** @throws ApiError InvalidArn, and ValidationException where it names a Distributed Map */
export function parseStateMachineArn(arn: string): StateMachineArn {
  checkArn(arn, 'stateMachine');
  const parsed = qualified(arn);
  if (!parsed.base.includes('/')) return parsed;
  throw new ApiError(
    'ValidationException',
    `This operation takes no state machine ARN with the label of a Distributed Map: '${arn}'`,
    400,
    {
      reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS',
    },
  );
}

/** Whatever the text is: for those who must not refuse it. */
export function qualified(arn: string): StateMachineArn {
  const parts = arn.split(':');
  return { base: parts.slice(0, 7).join(':'), qualifier: parts.length > 7 ? parts.slice(7).join(':') : undefined };
}

/** The number of a version's ARN. */
export function versionOf(arn: string): number | undefined {
  const { qualifier } = qualified(arn);
  return qualifier !== undefined && /^\d+$/.test(qualifier) ? Number(qualifier) : undefined;
}
