/** The policies of resources. */
import type { AccessRequest, PolicyDocument, PolicyStatement } from '../cloud-types';
import { accountOf } from './context';
import { compilePolicy, type PolicyKind, type Statement } from './policy-document';

export interface Resource {
  readonly policy: readonly Statement[];
  /** On a KMS key. */
  readonly grants: readonly Statement[];
  /** Of KMS. */
  readonly isKey: boolean;
  /** Nobody's, where an action takes no resource. */
  readonly accountId?: string;
}

export class Resources {
  readonly #policies = new Map<string, readonly Statement[]>();
  /** Key → grant → statements. */
  readonly #grants = new Map<string, ReadonlyMap<string, readonly Statement[]>>();
  readonly #defaultKeyPolicy: readonly Statement[];

  constructor(
    readonly region: string,
    readonly accountId: string,
  ) {
    // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    this.#defaultKeyPolicy = compilePolicy(
      { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'kms:*', Resource: '*' } },
      { kind: 'resource', label: 'the default key policy', region },
    );
  }

  put(arn: string, document: PolicyDocument): void {
    this.#put(arn, document, 'resource', `policy of ${arn}`);
  }

  putTrust(roleArn: string, document: PolicyDocument): void {
    this.#put(roleArn, document, 'trust', `trust policy of ${roleArn}`);
  }

  putGrants(keyArn: string, grants: ReadonlyMap<string, readonly PolicyStatement[]>): void {
    const compiled = [...grants].map(([id, Statement]) => {
      const options = { kind: 'resource', label: `grant ${id.slice(0, SHOWN_OF_ID)}… on ${keyArn}`, region: this.region } as const;
      return [id, compilePolicy({ Statement }, options)] as const;
    });
    this.#grants.set(keyArn, new Map(compiled));
  }

  get({ resource: arn, grantId }: Pick<AccessRequest, 'resource' | 'grantId'>): Resource {
    const isKey = KEY.test(arn);
    const grants = isKey ? this.#grants.get(arn) : undefined;
    // The ARN of a bucket has no account; the bucket is ours.
    const account = arn === '*' ? undefined : (accountOf(arn) ?? this.accountId);
    // Who may retire a grant, the grant says, not the key's policy. https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    if (grantId !== undefined) return { policy: [], grants: grants?.get(grantId) ?? [], isKey, accountId: account };
    const policy = this.#policies.get(arn) ?? this.#policies.get(parentOf(arn)) ?? (isKey ? this.#defaultKeyPolicy : []);
    return { policy, grants: grants ? [...grants.values()].flat() : NO_STATEMENTS, isKey, accountId: account };
  }

  #put(arn: string, document: PolicyDocument, kind: PolicyKind, label: string): void {
    this.#policies.set(arn, compilePolicy(document, { kind, label, region: this.region }));
  }
}

const NO_STATEMENTS: readonly Statement[] = [];
const SHOWN_OF_ID = 8;

const KEY = /^arn:[^:]+:kms:[^:]*:[^:]*:key\//;

/** An object's bucket, an index's table, a method's API: what holds the policy. */
function parentOf(arn: string): string {
  return PARENT.exec(arn)?.[1] ?? '';
}

const PARENT = /^(arn:[^:]+:(?:s3:::[^/]+|dynamodb:[^:]*:[^:]*:table\/[^/]+|execute-api:[^:]*:[^:]*:[^/]+))\//;
