import { Duration, aws_kms as kms, type Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Approver, ModelApproval, OnExpired } from '../../../lib';
import '../../../local/jest';
import { warmStart } from '../../support/warm-start';
import { ANN, BOB, type ModelStack, ModelWorld, modelStack, TEAM } from './support/model-stack';

const warm = warmStart();
const worlds: ModelWorld[] = [];
afterEach(() => Promise.all(worlds.splice(0).map(({ cloud }) => cloud.dispose())));

async function worldOf(stack: ModelStack): Promise<ModelWorld> {
  const world = await ModelWorld.of(stack, warm);
  worlds.push(world);
  return world;
}

const plain = modelStack();

test('an event that is delivered again starts nothing and asks nobody', async () => {
  const world = await worldOf(plain);
  const run = await world.train('7');
  const sent = world.cloud.calls.filter(({ service, operation }) => service === 'sqs' && operation === 'SendMessage');
  expect(sent).toHaveLength(1);
  for (let again = 0; again < 3; again++) await world.cloud.queue('Test/Models/OnManifest/Queue').send(String(sent[0].input.MessageBody));
  expect(await world.driver.runs('Test/Models')).toHaveLength(1);
  await world.decide('APPROVED');
  await run.finished();
  expect(world.mailsTo(ANN)).toHaveLength(1);
  expect(world.inForce()).toBe('7');
});

describe('the same content, trained again while it is reviewed', () => {
  const HOURS = 3 * 3600;

  test('is not asked about when it was approved', async () => {
    const world = await worldOf(plain);
    await world.train('7');
    const again = await world.train('7');
    await world.decide('APPROVED');
    await world.driver.skip(HOURS);
    expect(again.output).toMatchObject({ status: 'PRESENT' });
    expect(world.mailsTo(ANN)).toHaveLength(1);
  });

  test('is asked about when it was denied', async () => {
    const world = await worldOf(plain);
    await world.train('7');
    const again = await world.train('7');
    await world.decide('REJECTED');
    expect(world.mailsTo(ANN)).toHaveLength(1);
    await world.driver.skip(HOURS);
    await world.decide('APPROVED');
    await again.finished();
    expect(again.output).toMatchObject({ status: 'PUBLISHED' });
  });
});

test('who trained a model may not approve it, not even when nobody else is asked', async () => {
  const world = await worldOf(plain);
  const run = await world.train('7', {}, ' ANN@Example.com ');
  await run.finished();
  expect(run).toHaveFailedWith('ApproverIsRequester');
  expect(world.mailsTo(ANN)).toEqual([]);
  expect(world.mailsTo(TEAM)).toEqual(['Failed: models/churn/7/manifest.json']);
  expect(world.cloud.bucket('Test/Live').keys()).toEqual([]);
});

test('a source that keeps no versions is refused', async () => {
  const world = await worldOf(modelStack((stack) => ({ source: new s3.Bucket(stack, 'Training') })));
  const run = await world.train('7');
  await run.finished();
  expect(run).toHaveFailedWith('UnversionedSource');
});

test('with keys of one’s own for every bucket, nothing is denied, and copies are compared by their checksums', async () => {
  const keyed = (stack: Stack, id: string) =>
    new s3.Bucket(stack, id, { versioned: true, encryption: s3.BucketEncryption.KMS, encryptionKey: new kms.Key(stack, `${id}Key`) });
  const world = await worldOf(
    modelStack((stack) => ({
      source: keyed(stack, 'Training'),
      destination: keyed(stack, 'Live'),
      reviewBucket: keyed(stack, 'Kept'),
    })),
  );
  const run = await world.train('7');
  await world.decide('APPROVED');
  await run.finished();
  expect(run).toHaveSucceeded();
  expect(world.cloud).toHaveDeniedNothing();
  expect(world.inForce()).toBe('7');
});

test('nobody decides: the next one is asked, as onExpired says', async () => {
  const onExpired = OnExpired.escalate({ approver: Approver.email(BOB), expiresIn: Duration.days(1), onExpired: OnExpired.reject() });
  const world = await worldOf(modelStack(() => ({ expiresIn: Duration.hours(1), onExpired })));
  const run = await world.train('7');
  await world.driver.skip(3660);
  await world.decide('APPROVED', BOB);
  await run.finished();
  expect(run.output).toMatchObject({ status: 'PUBLISHED', approval: { by: BOB } });
});

test('back to an earlier version: its manifest is reviewed again, and it is in force again, without a copy', async () => {
  const world = await worldOf(plain);
  for (const version of ['7', '8']) {
    const run = await world.train(version);
    await world.decide('APPROVED');
    await run.finished();
    expect(world.inForce()).toBe(version);
  }
  const copies = () => world.cloud.calls.filter(({ operation }) => operation === 'CopyObject').length;
  const before = copies();
  const { key, versionId } = (await world.driver.runs('Test/Models'))[0].input as { key: string; versionId: string };
  const back = await world.cloud.stateMachine('Test/Models').start({ key, versionId });
  await world.decide('APPROVED');
  await back.finished();
  expect(back.output).toMatchObject({ status: 'PUBLISHED', version: '7' });
  expect(world.inForce()).toBe('7');
  expect(copies()).toBe(before);
});

test('what was approved for one stage is the source of the next', async () => {
  const made = modelStack();
  const production = new s3.Bucket(made.stack, 'Production', { versioned: true });
  const { props } = made;
  new ModelApproval(made.stack, 'Next', { ...props, source: props.destination, destination: production, approver: Approver.email(BOB) });
  const world = await worldOf(made);
  const run = await world.train('7');
  await world.decide('APPROVED');
  await run.finished();
  expect(world.inForce('Test/Production')).toBeUndefined();
  const next = await world.lastRun('Test/Next');
  await world.decide('APPROVED', BOB);
  await next.finished();
  expect(next.output).toMatchObject({ status: 'PUBLISHED', model: 'churn', version: '7', files: 2 });
  const current = JSON.parse(world.cloud.bucket('Test/Production').text('models/churn/current.json'));
  expect(world.cloud.bucket('Test/Production').text(`${current.folder}model.bin`)).toBe('weights 7');
});

test('copying is gone on with until nothing is left; and what is not there is not published, whatever was said of it', async () => {
  const world = await worldOf(plain);
  const said = [{ left: 2 }, { left: 1 }, { left: 0 }];
  world.cloud.function('Test/Models/Functions/Copy').replaceWith(() => said.shift() ?? null);
  const run = await world.train('7');
  await world.decide('APPROVED');
  await run.finished();
  expect(run.statesVisited.filter((state) => state === 'CopyArtifacts')).toHaveLength(3);
  expect(run).toHaveFailedWith('NotVerified', expect.stringContaining('model.bin is not there, right after it was copied'));
  expect(world.cloud.bucket('Test/Live').keys()).toEqual([]);
});

test('a message that can not be sent keeps nothing from being published', async () => {
  const world = await worldOf(plain);
  const run = await world.train('7');
  world.cloud.fail('sns:Publish', { times: 1000, error: 'AuthorizationError', statusCode: 403 });
  await world.decide('APPROVED').catch(() => undefined);
  await run.finished();
  expect(run).toHaveSucceeded();
  expect(run.statesVisited).toContain('TellPublishedNotSent');
  expect(world.inForce()).toBe('7');
});
