import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, aws_s3_deployment as deployment, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
let cloud: LocalCloud;
/** With one file, inner/one.txt. */
const ARCHIVE = Buffer.from(
  'UEsDBBQAAAAAAAAAIVzxhmx6AwAAAAMAAAANAAAAaW5uZXIvb25lLnR4dG9uZVBLAQIUAxQAAAAAAAAAIVzxhmx6AwAAAAMAAAANAAAAAAAAAAAAAACAAQAAAABpbm5lci9vbmUudHh0UEsFBgAAAAABAAEAOwAAAC4AAAAAAA==',
  'base64',
);

beforeAll(async () => {
  const site = join(folder, 'site');
  mkdirSync(join(site, 'assets'), { recursive: true });
  writeFileSync(join(site, 'index.html'), '<p>hello</p>');
  writeFileSync(join(site, 'assets', 'a b.json'), '{}');
  writeFileSync(join(site, 'assets', 'draft.txt'), 'x');
  writeFileSync(join(site, 'assets', 'kept.txt'), 'y');
  writeFileSync(join(site, 'LICENSE'), 'z');
  const stack = new Stack(new App({ outdir: join(folder, 'cdk.out') }), 'S');
  const bucket = new s3.Bucket(stack, 'Site');
  const first = new deployment.BucketDeployment(stack, 'Deploy', {
    sources: [
      deployment.Source.asset(site),
      deployment.Source.jsonData('config.json', { bucket: bucket.bucketName, text: `"${bucket.bucketName}"` }),
    ],
    destinationBucket: bucket,
    exclude: ['assets/*.txt'],
    include: ['*/kept.txt'],
    cacheControl: [deployment.CacheControl.noCache()],
    metadata: { Owner: 'me' },
  });
  const below = new deployment.BucketDeployment(stack, 'Below', {
    sources: [deployment.Source.data('one.txt', '1')],
    destinationBucket: bucket,
    destinationKeyPrefix: 'below',
  });
  below.node.addDependency(first);
  const again = new deployment.BucketDeployment(stack, 'Again', {
    sources: [deployment.Source.data('two.txt', '2')],
    destinationBucket: bucket,
    destinationKeyPrefix: 'below/',
  });
  again.node.addDependency(below);
  writeFileSync(join(folder, 'archive.zip'), ARCHIVE);
  const archives = new s3.Bucket(stack, 'Archives');
  for (const [destinationKeyPrefix, extract] of [
    ['out', true],
    ['whole', false],
  ] as const) {
    const sources = [deployment.Source.asset(join(folder, 'archive.zip'))];
    new deployment.BucketDeployment(stack, `Of-${destinationKeyPrefix}`, {
      sources,
      destinationBucket: archives,
      destinationKeyPrefix,
      extract,
    });
  }
  cloud = await LocalCloud.fromStack(stack);
});
afterAll(async () => {
  await cloud.dispose();
  rmSync(folder, { recursive: true });
});

test('assets and data are there, with their types and settings', async () => {
  const bucket = cloud.bucket('Site');
  expect(bucket.keys()).toEqual(['LICENSE', 'assets/a b.json', 'assets/kept.txt', 'below/two.txt', 'config.json', 'index.html']);
  expect(bucket.text('index.html')).toBe('<p>hello</p>');
  // What only the deployment knows, escaped where it stands in JSON.
  expect(JSON.parse(bucket.text('config.json'))).toEqual({ bucket: bucket.name, text: `"${bucket.name}"` });
  const client = new S3Client(cloud.clientConfig());
  const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket: bucket.name, Key }));
  expect(await head('index.html')).toMatchObject({ ContentType: 'text/html', CacheControl: 'no-cache', Metadata: { owner: 'me' } });
  expect(await head('assets/a b.json')).toMatchObject({ ContentType: 'application/json' });
  expect(await head('LICENSE')).toMatchObject({ ContentType: 'binary/octet-stream' });
  client.destroy();
});

test('an archive is unpacked, or kept as it is', () => {
  const bucket = cloud.bucket('Archives');
  expect(bucket.keys()).toEqual(['out/inner/one.txt', expect.stringMatching(/^whole\/[0-9a-f]{64}\.zip$/)]);
  expect(bucket.text('out/inner/one.txt')).toBe('one');
  expect(bucket.bytes(bucket.keys('whole/')[0])).toEqual(ARCHIVE);
});

test('what is under its prefix and not in its sources is deleted', () => {
  expect(cloud.bucket('Site').keys('below/')).toEqual(['below/two.txt']);
});

test("nothing is unused of its handler's role, since that handler is not run", () => {
  expect(cloud.access.unused().filter(({ role }) => role.includes('BucketDeployment'))).toEqual([]);
});
