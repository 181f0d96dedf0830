import { createRequire } from 'node:module';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Harness, start } from './harness';

// What @aws-sdk/s3-request-presigner is made of; the client brings it along.
const { SignatureV4 } = createRequire(require.resolve('@aws-sdk/client-s3'))('@smithy/signature-v4');

let h: Harness;
let Bucket: string;
beforeAll(async () => {
  h = await start();
  Bucket = await h.bucket();
});
afterAll(() => h.world.gateway.close());

async function presign(client: S3Client, command: GetObjectCommand | PutObjectCommand, expiresIn = 900): Promise<string> {
  const { credentials, region, sha256 } = client.config;
  const signer = new SignatureV4({ credentials, region, sha256, service: 's3', uriEscapePath: false, applyChecksum: false });
  const signingDate = new Date(h.world.clock.now());
  let url = '';
  (command as GetObjectCommand).middlewareStack.add(
    () => async (args) => {
      const request = args.request as { headers: Record<string, string>; body?: unknown };
      request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      for (const name of ['content-type', 'content-length']) delete request.headers[name];
      const { protocol, hostname, port, path, query } = await signer.presign(request, { expiresIn, signingDate });
      url = `${protocol}//${hostname}:${port}${path}?${new URLSearchParams(query)}`;
      return { response: {}, output: { $metadata: {} } } as never;
    },
    { step: 'finalizeRequest', priority: 'high' },
  );
  await client.send(command as GetObjectCommand);
  return url;
}

test('PUT and GET by anybody who has the URL, in the name of its signer', async () => {
  const role = await h.world.role('Signer', {
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject'],
    Resource: `arn:aws:s3:::${Bucket}/signed/*`,
  });
  const put = await presign(h.client(role), new PutObjectCommand({ Bucket, Key: 'signed/a b', Metadata: { by: 'url' } }));
  // The SDK has put the checksum of an empty body into the URL, where S3 does not look at it.
  expect(put).toContain('x-amz-checksum-crc32=');
  expect((await fetch(put, { method: 'PUT', body: 'uploaded', headers: { 'content-type': 'text/plain' } })).status).toBe(200);

  const get = await presign(h.client(role), new GetObjectCommand({ Bucket, Key: 'signed/a b', ResponseContentType: 'text/csv' }));
  const answer = await fetch(get);
  expect([answer.status, await answer.text()]).toEqual([200, 'uploaded']);
  expect([answer.headers.get('content-type'), answer.headers.get('x-amz-meta-by')]).toEqual(['text/csv', 'url']);
  expect(h.world.callsOf('s3', 'PutObject').at(-1)?.principal).toEqual({ kind: 'role', arn: role });

  const forbidden = await fetch(await presign(h.client(role), new GetObjectCommand({ Bucket, Key: 'other' })));
  expect(forbidden.status).toBe(403);
  expect(await forbidden.text()).toContain('is not authorized to perform: s3:GetObject');
});

test('a URL expires by the virtual clock', async () => {
  await h.contents(Bucket).put('k', 'x');
  const url = await presign(h.s3, new GetObjectCommand({ Bucket, Key: 'k' }), 3600);
  await h.world.clock.advance(3_599_000);
  expect((await fetch(url)).status).toBe(200);
  await h.world.clock.advance(2_000);
  const late = await fetch(url);
  const text = await late.text();
  expect(late.status).toBe(403);
  expect(text).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>3600</X-Amz-Expires>');
});

test('a URL without its dates is refused', async () => {
  const url = new URL(await presign(h.s3, new GetObjectCommand({ Bucket, Key: 'k' })));
  url.searchParams.delete('X-Amz-Expires');
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('AuthorizationQueryParametersError')]);
});

test('without a signature nothing goes', async () => {
  const answer = await fetch(`${h.world.gateway.url}/${Bucket}/k`);
  expect(answer.status).toBe(403);
});
