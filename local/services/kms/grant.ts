import type { EncryptionContext, Key } from './keys';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export interface GrantRequest {
  readonly Operations: readonly string[];
  readonly GranteePrincipal?: string;
  readonly GranteeServicePrincipal?: string;
  readonly RetiringPrincipal?: string;
  readonly RetiringServicePrincipal?: string;
  readonly Constraints?: GrantConstraints;
  readonly Name?: string;
}

export interface GrantConstraints {
  readonly EncryptionContextSubset?: EncryptionContext;
  readonly EncryptionContextEquals?: EncryptionContext;
  readonly SourceArn?: string;
}

export interface Grant extends GrantRequest {
  readonly id: string;
  readonly key: Key;
  readonly createdAt: number;
  /** The account's ARN. */
  readonly issuer: string;
}
