/**
 * What each operation needs its caller to be allowed to do.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 */
import type { AccessRequest } from '../../cloud-types';
import { qualified } from './arns';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/**
 * A version or an alias is authorized on its state machine's ARN; a condition may tell them apart.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
 */
export function onMachine(action: string, arn: string): AccessRequest[] {
  const { base, qualifier } = qualified(arn);
  return [{ action: `states:${action}`, resource: base, ...(qualifier && { context: { 'states:statemachinequalifier': qualifier } }) }];
}

/** On the resource itself: an execution, a Map Run, an activity. "*" for actions that take none. */
export function on(action: string, resource = '*'): AccessRequest[] {
  return [{ action: `states:${action}`, resource }];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
export function passRole(roleArn: string | undefined): AccessRequest[] {
  if (roleArn === undefined) return [];
  return [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:passedtoservice': 'states.amazonaws.com' } }];
}

/** For tags that are put on what is made or is there. */
export function tagging(resource: string, tags: readonly Tag[] | undefined): AccessRequest[] {
  if (!tags?.length) return [];
  const values = tags.map(({ key, value }) => [`aws:requesttag/${key}`.toLowerCase(), value]);
  const context = { ...Object.fromEntries(values), 'aws:tagkeys': tags.map(({ key }) => key) };
  return [{ action: 'states:TagResource', resource, context }];
}
