/**
 * The condition keys of a request: the service's own, as given, and AWS's global ones.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
import type { AccessRequest, Principal } from '../cloud-types';
import type { Context } from './conditions';
import type { Caller } from './principals';

/** Every real request has these, but nothing here knows their values: a policy that asks for one can't be judged. */
const UNKNOWABLE: ReadonlySet<string> = new Set([
  'aws:sourceip',
  'aws:useragent',
  'aws:userid',
  'aws:tokenissuetime',
  'aws:multifactorauthpresent',
]);

export interface ContextOptions {
  readonly accountId: string;
  readonly region: string;
  readonly now: () => number;
}

export function requestContext(caller: Caller, principal: Principal, request: AccessRequest, options: ContextOptions): Context {
  return {
    values: (key) => {
      const given = request.context?.[key];
      if (given !== undefined) return typeof given === 'string' ? [given] : given;
      const value = globalValue(key, caller, principal, request, options);
      return value === undefined ? undefined : [value];
    },
  };
}

function globalValue(
  key: string,
  caller: Caller,
  principal: Principal,
  request: AccessRequest,
  options: ContextOptions,
): string | undefined {
  const role = caller.kind === 'role' ? caller : undefined;
  const sourceArn = principal.kind === 'service' ? principal.sourceArn : undefined;
  switch (key) {
    case 'aws:securetransport':
      return 'true';
    case 'aws:requestedregion':
      return options.region;
    case 'aws:currenttime':
      return new Date(options.now()).toISOString();
    case 'aws:epochtime':
      return String(Math.floor(options.now() / 1000));
    case 'aws:resourceaccount':
      return request.resource === '*' ? undefined : (accountOf(request.resource) ?? options.accountId);
    case 'aws:viaawsservice':
      return String(request.context?.['aws:calledvia'] !== undefined);
    case 'aws:calledviafirst':
      return [request.context?.['aws:calledvia'] ?? []].flat().at(0);
    case 'aws:calledvialast':
      return [request.context?.['aws:calledvia'] ?? []].flat().at(-1);
    case 'aws:principalisawsservice':
      return String(caller.kind === 'service');
    // Of a role's session the ARN is the role's.
    case 'aws:principalarn':
      return role?.roleArn;
    case 'aws:principalaccount':
      return role?.accountId;
    // Whoever asks KMS, the caller or a service in its name. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    case 'kms:calleraccount':
      return request.action.startsWith('kms:') ? (role?.accountId ?? options.accountId) : undefined;
    case 'aws:principaltype':
      return role && 'AssumedRole';
    case 'aws:principalservicename':
    case 'aws:principalservicenameslist':
      return caller.kind === 'service' ? caller.service : undefined;
    case 'aws:sourcearn':
      return sourceArn;
    // The ARN of a bucket has no account; the bucket is ours.
    case 'aws:sourceaccount':
      return sourceArn && (accountOf(sourceArn) ?? options.accountId);
    default:
      if (caller.kind === 'role' && (UNKNOWABLE.has(key) || key.startsWith('aws:principaltag/'))) {
        throw new Error(`The local runner doesn't know the condition key ${key}, which a policy asks for at ${request.action}.`);
      }
      return undefined;
  }
}

/** The account in an ARN, where it has one. */
export function accountOf(arn: string): string | undefined {
  const account = arn.split(':', 5)[4] ?? '';
  return /^\d{12}$/.test(account) ? account : undefined;
}
