/**
 * An explicit deny on whoever has a policy that can't be rolled back. Several cases may hold one entity: each leaves an object, and the last that is approved lifts it.
 */
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { attach, detach, isAttached, isMissing } from './entities';
import { describeEntity, type Entity } from './record';
import type { Services } from './services';

/** An entity that is not there any more needs none. */
export async function quarantine(services: Services, caseId: string, entity: Entity): Promise<void> {
  const { iam, s3, evidenceBucket, quarantineArn } = services;
  await s3.send(new PutObjectCommand({ Bucket: evidenceBucket, Key: holdsOf(entity) + caseId, Body: caseId }));
  try {
    await attach(iam, entity, quarantineArn);
    if (await isAttached(iam, entity, quarantineArn)) return;
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  throw new Error(`the quarantine policy is not attached to ${describeEntity(entity)} though IAM took the call`);
}

/** Gives the cases that go on holding the entity. */
export async function lift(services: Services, caseId: string, entity: Entity): Promise<string[]> {
  const { iam, s3, evidenceBucket, quarantineArn } = services;
  await s3.send(new DeleteObjectCommand({ Bucket: evidenceBucket, Key: holdsOf(entity) + caseId }));
  const holding = await holdsOn(services, entity);
  if (holding.length > 0) return holding;
  try {
    if (await isAttached(iam, entity, quarantineArn)) await detach(iam, entity, quarantineArn);
    // A case that came in between has found the quarantine attached.
    const since = await holdsOn(services, entity);
    if (since.length > 0) await attach(iam, entity, quarantineArn);
    else if (await isAttached(iam, entity, quarantineArn))
      throw new Error(`the quarantine policy is still attached to ${describeEntity(entity)}`);
    return since;
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const holdsOf = ({ type, name }: Entity): string => `holds/${type}/${name}/`;

async function holdsOn({ s3, evidenceBucket }: Services, entity: Entity): Promise<string[]> {
  const Prefix = holdsOf(entity);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: evidenceBucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
}
