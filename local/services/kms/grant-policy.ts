/**
 * A grant as the statements that it amounts to: what its grantee may do, and who may retire it.
 * https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
import type { PolicyStatement } from '../../cloud-types';
import type { Grant } from './grant';
import type { EncryptionContext } from './keys';

type Conditions = Record<string, Record<string, string | readonly string[]>>;

/** The operations with an encryption context, in which alone its constraints hold. */
const WITH_CONTEXT = /^(Decrypt|Encrypt|GenerateDataKey|ReEncrypt)/;

export function grantStatements(grant: Grant, keyArn: string, owner: string): readonly PolicyStatement[] {
  const { Operations, Constraints = {}, GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal } = grant;
  const source: Conditions = Constraints.SourceArn === undefined ? {} : { ArnEquals: { 'aws:SourceArn': Constraints.SourceArn } };
  const allow = (
    who: PolicyStatement['Principal'],
    operations: readonly string[],
    Condition: Conditions = {},
  ): readonly PolicyStatement[] =>
    operations.length === 0
      ? []
      : [{ Effect: 'Allow', Principal: who, Action: operations.map((name) => `kms:${name}`), Resource: keyArn, Condition }];

  const grantee: Record<string, string> =
    GranteeServicePrincipal === undefined ? { AWS: GranteePrincipal as string } : { Service: GranteeServicePrincipal };
  const constrained = Operations.filter((name) => WITH_CONTEXT.test(name));
  return [
    ...allow(grantee, constrained, merged(source, contextConditions(Constraints))),
    ...allow(
      grantee,
      Operations.filter((name) => name === 'CreateGrant'),
      merged(source, childConditions(grant)),
    ),
    ...allow(
      grantee,
      Operations.filter((name) => name === 'RetireGrant'),
    ),
    ...allow(
      grantee,
      Operations.filter((name) => !WITH_CONTEXT.test(name) && !/^(Create|Retire)Grant$/.test(name)),
      source,
    ),
    // https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    ...(RetiringPrincipal === undefined ? [] : allow({ AWS: RetiringPrincipal }, ['RetireGrant'])),
    ...(RetiringServicePrincipal === undefined ? [] : allow({ Service: RetiringServicePrincipal }, ['RetireGrant'])),
    // The account that has the key leaves it to its IAM policies.
    ...allow({ AWS: owner }, ['RetireGrant']),
  ];
}

/** Its pairs' names are compared without regard to case. https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html */
function contextConditions({
  EncryptionContextEquals: equal,
  EncryptionContextSubset: subset,
}: NonNullable<Grant['Constraints']>): Conditions {
  if (equal === undefined && subset === undefined) return {};
  return {
    StringEquals: pairs({ ...subset, ...equal }),
    ...(equal && { 'ForAllValues:StringEqualsIgnoreCase': { 'kms:EncryptionContextKeys': Object.keys(equal) } }),
  };
}

/**
 * What may be created by a grant's leave: no further operations, and constraints that are as strict or stricter.
 * https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant
 */
function childConditions({ Operations, Constraints = {} }: Grant): Conditions {
  const type: Conditions = Constraints.EncryptionContextEquals
    ? { StringEquals: { 'kms:GrantConstraintType': 'EncryptionContextEquals' } }
    : {};
  return merged(merged(contextConditions(Constraints), type), { 'ForAllValues:StringEquals': { 'kms:GrantOperations': Operations } });
}

function pairs(context: EncryptionContext): Record<string, string> {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));
}

function merged(a: Conditions, b: Conditions): Conditions {
  const operators = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...operators].map((operator) => [operator, { ...a[operator], ...b[operator] }]));
}
