import { type IResolvable, Stack, type aws_s3 as s3, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A bucket, and what the keys begin with that are meant. */
export interface SyncPlace {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
}

/** `*` ends it: for policies. */
export const objectsOf = ({ prefix }: SyncPlace): string => `${prefix}*`;

/**
 * In one bucket, what is written would be read again, or be deleted. Buckets whose names are known only when they are deployed are compared when a
 * run begins as well.
 */
export function assertApart(scope: IConstruct, both: string, a: SyncPlace, b: SyncPlace): void {
  const name = (place: SyncPlace): string => JSON.stringify(Stack.of(scope).resolve(place.bucket.bucketName as unknown as IResolvable));
  if (name(a) !== name(b) || (!a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix))) return;
  throw new Error(
    `${both} of ${scope.node.path} are in the same bucket, below '${a.prefix}' and '${b.prefix}', one of which is within the other: give prefixes that are apart`,
  );
}

/** @throws for what is no beginning of a key */
export function assertPrefix(name: string, prefix: string): void {
  if (Token.isUnresolved(prefix)) throw new Error(`${name} has to be known at synthesis: it is part of policies`);
  if (/[*?$]/.test(prefix))
    throw new Error(`${name} ${JSON.stringify(prefix)} has one of * ? $, which mean something else in a policy: leave them out`);
  if (Buffer.byteLength(prefix) > 512)
    throw new Error(`${name} has ${Buffer.byteLength(prefix)} bytes: a key has at most 1,024, give 512 at most`);
}
