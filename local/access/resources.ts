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
  readonly #known = new Map<string, Resource>();
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
    const known = this.#known.get(arn);
    if (known) return known;
    const isKey = KEY.test(arn);
    const policy = this.#policies.get(arn) ?? this.#policies.get(PARENT.exec(arn)?.[1] ?? '') ?? (isKey ? this.#defaultKeyPolicy : []);
    const resource: Resource = { policy, isKey, accountId: accountOf(arn) };
    this.#known.set(arn, resource);
    return resource;
  }

  #put(arn: string, document: PolicyDocument, kind: PolicyKind, label: string): void {
    this.#policies.set(arn, compilePolicy(document, { kind, label, region: this.region }));
    this.#known.clear();
  }
}

const KEY = /^arn:[^:]+:kms:[^:]*:[^:]*:key\//;

/** An object's bucket, an index's table, a method's API: what holds the policy. */
const PARENT = /^(arn:[^:]+:(?:s3:::[^/]+|dynamodb:[^:]*:[^:]*:table\/[^/]+|execute-api:[^:]*:[^:]*:[^/]+))\//;
