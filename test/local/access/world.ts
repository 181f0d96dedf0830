/** A small account to test in: one role, its policies, and how to ask. */
import { type Access, type AccessMode, createAccess, type RoleDefinition } from '../../../local/access';
import type { AccessRequest, PolicyDocument, PolicyStatement, Principal } from '../../../local/cloud-types';
import type { Machine } from '../../../local/engine/types';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Worker`;
export const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/Worker/run-1`;
export const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Orders`;
export const INDEX = `${TABLE}/index/ByDay`;
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:Jobs`;
export const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:News`;
/** Another role, which there is where a world has a `trust`. */
export const OTHER = `arn:aws:iam::${ACCOUNT}:role/Other`;
/** The worker's role in another account. */
export const FOREIGN = 'arn:aws:iam::999999999999:role/Worker';
export const worker: Principal = { kind: 'role', arn: ROLE, session: 'run-1' };

/** A statement, as far as a test says it. */
export type Given = Partial<PolicyStatement>;

export const policy = (...statements: readonly Given[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement }) as PolicyStatement),
});

/** An identity statement: on everything, unless it says otherwise. */
export const allow = (Action: string | readonly string[], Resource: string | readonly string[] = '*', more: Given = {}): Given => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
export const deny = (Action: string | readonly string[], Resource: string | readonly string[] = '*', more: Given = {}): Given => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});

export const trusting = (...services: readonly string[]): PolicyDocument =>
  policy({ Action: 'sts:AssumeRole', Principal: { Service: services } });

export interface World {
  readonly identity?: readonly Given[];
  readonly role?: Partial<RoleDefinition>;
  readonly resources?: Readonly<Record<string, readonly Given[]>>;
  /** On `KEY`. */
  readonly grants?: readonly Given[];
  /** Of the role `OTHER`. */
  readonly trust?: PolicyDocument;
  readonly now?: () => number;
  readonly mode?: AccessMode;
  /** The roles whose code is not run. */
  readonly notRun?: () => ReadonlySet<string>;
  /** The state machines that ran. */
  readonly machines?: () => Iterable<Machine>;
}

export function world({ identity = [], role = {}, resources = {}, grants, trust, ...options }: World = {}): Access {
  const access = createAccess({ accountId: ACCOUNT, region: REGION, partition: 'aws', ...options });
  access.putRole({ arn: ROLE, path: 'App/Worker', trust: trusting('lambda.amazonaws.com'), managedPolicyArns: [], ...role });
  if (identity.length > 0) access.putRolePolicy(role.arn ?? ROLE, 'Default', policy(...identity), 'App/Worker/DefaultPolicy');
  if (trust) access.putRole({ arn: OTHER, path: 'App/Other', trust, managedPolicyArns: [] });
  for (const [arn, statements] of Object.entries(resources)) access.setResourcePolicy(arn, policy(...statements));
  if (grants) access.setGrants(KEY, new Map([['1', policy(...grants).Statement as PolicyStatement[]]]));
  return access;
}

export const service = (name: string, sourceArn?: string): Principal => ({ kind: 'service', service: name, sourceArn });

export function ask(access: Access, action: string, resource: string, context?: AccessRequest['context'], principal: Principal = worker) {
  return access.authorize(principal, { action, resource, context });
}

/** Deterministic numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
