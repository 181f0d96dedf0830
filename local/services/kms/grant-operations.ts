import { type AccessRequest, ApiError, type Operation } from '../../cloud-types';
import type { GrantRequest } from './grant';
import type { Grants } from './grants';
import { type ConditionKeys, contextKeys, type Key, type Keys } from './keys';

type Access = (action: string, reference: string, context?: ConditionKeys) => AccessRequest[];

interface RetireInput {
  readonly GrantToken?: string;
  readonly KeyId?: string;
  readonly GrantId?: string;
}

/** A service that is integrated with KMS makes grants in its user's name; none does here. */
const BY_A_CLIENT: ConditionKeys = { 'kms:grantisforawsresource': 'false' };

/** https://docs.aws.amazon.com/kms/latest/developerguide/grant-authorization.html */
export function grantOperations(keys: Keys, grants: Grants, access: Access): Record<string, Operation> {
  /** These take no alias. */
  function keyOf(reference: string): Key {
    if (keys.aliasIn(reference)) throw new ApiError('NotFoundException', `Invalid keyId '${reference}'`);
    return keys.find(reference);
  }

  function toRetire({ GrantToken, KeyId, GrantId }: RetireInput) {
    if ((GrantToken === undefined) === (KeyId === undefined || GrantId === undefined)) {
      throw new ApiError('ValidationException', 'RetireGrant needs either GrantToken, or KeyId and GrantId.');
    }
    if (GrantToken !== undefined) return grants.withToken(GrantToken);
    if (!KeyId?.startsWith('arn:')) throw new ApiError('InvalidArnException', `Invalid arn ${KeyId}`);
    return grants.find(keyOf(KeyId), GrantId as string);
  }

  return {
    CreateGrant: {
      access: (input: GrantRequest & { KeyId: string }) => access('CreateGrant', keyOf(input.KeyId).arn, grantKeys(input)),
      run(input: GrantRequest & { KeyId: string; GrantTokens?: readonly string[]; DryRun?: boolean }, caller) {
        grants.checkTokens(input.GrantTokens);
        const key = keys.usable(keyOf(input.KeyId).arn);
        refuseDryRun(input);
        return grants.create(key, input, caller);
      },
    },
    ListGrants: {
      access: (input) => access('ListGrants', keyOf(input.KeyId).arn, BY_A_CLIENT),
      run(input) {
        const { GrantId, GranteePrincipal, GranteeServicePrincipal } = input;
        const key = keyOf(input.KeyId);
        return grants.list(
          (grant) =>
            grant.key === key &&
            (GrantId ?? grant.id) === grant.id &&
            (GranteePrincipal ?? grant.GranteePrincipal) === grant.GranteePrincipal &&
            (GranteeServicePrincipal ?? grant.GranteeServicePrincipal) === grant.GranteeServicePrincipal,
          input,
        );
      },
    },
    ListRetirableGrants: {
      access: () => [{ action: 'kms:ListRetirableGrants', resource: '*' }],
      run(input) {
        const { RetiringPrincipal, RetiringServicePrincipal } = input;
        if ((RetiringPrincipal === undefined) === (RetiringServicePrincipal === undefined)) {
          throw new ApiError('ValidationException', 'You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.');
        }
        return grants.list(
          (grant) =>
            RetiringPrincipal === undefined
              ? grant.RetiringServicePrincipal === RetiringServicePrincipal
              : grant.RetiringPrincipal === RetiringPrincipal,
          input,
        );
      },
    },
    RevokeGrant: {
      access: (input) => access('RevokeGrant', keyOf(input.KeyId).arn, BY_A_CLIENT),
      run(input) {
        const grant = grants.find(keyOf(input.KeyId), input.GrantId);
        refuseDryRun(input);
        grants.delete(grant);
        return {};
      },
    },
    RetireGrant: {
      access(input: RetireInput) {
        const grant = toRetire(input);
        return access('RetireGrant', grant.key.arn).map((request) => ({ ...request, grantId: grant.id }));
      },
      run(input) {
        const grant = toRetire(input);
        refuseDryRun(input);
        grants.delete(grant);
        return {};
      },
    },
  };
}

/** What policies see of the grant that is to be. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
function grantKeys({ Operations, Constraints = {}, ...principals }: GrantRequest): ConditionKeys {
  const { GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal } = principals;
  const { EncryptionContextEquals, EncryptionContextSubset, SourceArn } = Constraints;
  const given = {
    'kms:granteeprincipal': GranteePrincipal,
    'kms:granteeserviceprincipal': GranteeServicePrincipal,
    'kms:retiringprincipal': RetiringPrincipal,
    'kms:retiringserviceprincipal': RetiringServicePrincipal,
    'kms:grantconstraintsourcearn': SourceArn,
  };
  const types = [EncryptionContextEquals && 'EncryptionContextEquals', EncryptionContextSubset && 'EncryptionContextSubset'];
  const type = types.filter((name) => name !== undefined);
  return {
    ...BY_A_CLIENT,
    'kms:grantoperations': [...Operations],
    ...(type.length > 0 && { 'kms:grantconstrainttype': type }),
    ...Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined)),
    ...contextKeys({ ...EncryptionContextSubset, ...EncryptionContextEquals }),
  };
}

/** What would have been done stays undone. https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html */
export function refuseDryRun({ DryRun }: { readonly DryRun?: boolean }): void {
  if (DryRun) throw new ApiError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', 412);
}
