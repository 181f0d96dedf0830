/** The policies of resources. */
import type { PolicyDocument } from '../cloud-types';
import { accountOf } from './context';
import { compilePolicy, type PolicyKind, type Statement } from './policy-document';

export interface Resource {
  readonly policy: readonly Statement[];
  /** Of KMS. */
  readonly isKey: boolean;
  readonly accountId?: string;
}

export class Resources {
  readonly #policies = new Map<string, readonly Statement[]>();
  readonly #defaultKeyPolicy: readonly Statement[];

  constructor(
    readonly region: string,
    accountId: string,
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

  get(arn: string): Resource {
    const isKey = KEY.test(arn);
    const policy = this.#policies.get(arn) ?? this.#policies.get(parentOf(arn)) ?? (isKey ? this.#defaultKeyPolicy : []);
    return { policy, isKey, accountId: accountOf(arn) };
  }

  #put(arn: string, document: PolicyDocument, kind: PolicyKind, label: string): void {
    this.#policies.set(arn, compilePolicy(document, { kind, label, region: this.region }));
  }
}

const KEY = /^arn:[^:]+:kms:[^:]*:[^:]*:key\//;

/** An object's bucket, an index's table, a method's API: what holds the policy. */
function parentOf(arn: string): string {
  return PARENT.exec(arn)?.[1] ?? '';
}

const PARENT = /^(arn:[^:]+:(?:s3:::[^/]+|dynamodb:[^:]*:[^:]*:table\/[^/]+|execute-api:[^:]*:[^:]*:[^/]+))\//;
