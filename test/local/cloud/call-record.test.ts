import { App, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { LeftOut, LocalCloud } from '../../../local';
import { CallRecord } from '../../../local/call-record';
import type { ApiCall } from '../../../local/cloud-types';

const call = (input: unknown, output?: unknown): ApiCall => ({
  service: 's3',
  operation: 'PutObject',
  input,
  output,
  principal: { kind: 'operator' },
  at: 0,
});

test('bodies are kept as long as there is room, others are counted', () => {
  const record = new CallRecord(10);
  record.add(call({ Key: 'a', Body: Buffer.from('12345678') }, { ETag: 'x' }));
  record.add(call({ Key: 'b', Body: Buffer.from('123') }, { Body: Buffer.from('12') }));
  record.add(call({ Key: 'c', Body: Buffer.from('1') }));
  expect(record.calls.map(({ input, output }) => [input, output])).toEqual([
    [{ Key: 'a', Body: Buffer.from('12345678') }, { ETag: 'x' }],
    [{ Key: 'b', Body: new LeftOut(3) }, { Body: Buffer.from('12') }],
    [{ Key: 'c', Body: new LeftOut(1) }, undefined],
  ]);
  expect(JSON.stringify(record.calls[1].input)).toBe('{"Key":"b","Body":"3 bytes, not kept"}');
});

test('what is not bytes stays: texts, items, errors without an answer', () => {
  const record = new CallRecord(0);
  const inputs = [undefined, null, { Message: 'x'.repeat(1000) }, { Item: { id: { B: Buffer.from('key') } } }];
  for (const input of inputs) record.add(call(input));
  expect(record.calls.map(({ input }) => input)).toEqual(inputs);
});

test('a cloud keeps as much as it is told, and objects stay whole', async () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'S');
  new s3.Bucket(stack, 'Bucket');
  const cloud = await LocalCloud.fromStack(stack, { recordedBytes: 4 });
  try {
    await cloud.bucket('Bucket').put('small', '1234');
    await cloud.bucket('Bucket').put('large', '12345');
    const bodies = cloud.calls.filter(({ operation }) => operation === 'PutObject').map(({ input }) => input.Body);
    expect(bodies).toEqual([Buffer.from('1234'), new LeftOut(5)]);
    expect(cloud.bucket('Bucket').text('large')).toBe('12345');
  } finally {
    await cloud.dispose();
  }
});
