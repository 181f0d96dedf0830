import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Build, type FindOptions, findFfmpeg } from '../../bin/ffmpeg';

const VERSION = 'ffmpeg version 6.1-static';
const INSTALL = /: install version 5\.1 or later \(apt-get install ffmpeg, brew install ffmpeg\), or say where it is with FFMPEG_PATH$/;

const folder = mkdtempSync(join(tmpdir(), 'stepworks-ffmpeg-test-'));
const environment = { ...process.env };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says its version. */
function program(file: string, says = VERSION): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Both, in a folder of their own. */
function installed(name: string, ffmpegSays?: string, ffprobeSays?: string): string {
  program(join(folder, name, 'ffprobe'), ffprobeSays);
  return program(join(folder, name, 'ffmpeg'), ffmpegSays);
}

/** A registry with a package for each tool, as npm asks one. */
const requests: string[] = [];
const tarballs = new Map<string, Buffer>();
const registry = createServer((request, response) => {
  const url = decodeURIComponent(request.url ?? '');
  requests.push(url);
  const name = url.slice(1).replace(/\.tgz$/, '');
  const tarball = tarballs.get(name);
  if (!tarball) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
  if (url.endsWith('.tgz')) return void response.end(tarball);
  const dist = { tarball: `http://${request.headers.host}/${name}.tgz`, integrity: integrityOf(tarball) };
  const versions = { '1.0.0': { name, version: '1.0.0', dist, scripts: { postinstall: `touch ${join(folder, 'script-was-run')}` } } };
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions }));
});

const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

function publish(tool: string): Buffer {
  const made = join(folder, 'made', tool);
  const file = program(join(made, 'package', tool));
  // As some are published.
  chmodSync(file, 0o644);
  writeFileSync(join(made, 'package', 'package.json'), JSON.stringify({ name: `the-${tool}`, version: '1.0.0' }));
  execFileSync('tar', ['-czf', 'made.tgz', 'package'], { cwd: made });
  const bytes = readFileSync(join(made, 'made.tgz'));
  tarballs.set(`the-${tool}`, bytes);
  return bytes;
}

let build: Build;
beforeAll(async () => {
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const files = ['ffmpeg', 'ffprobe'].map((file) => ({ package: `the-${file}@1.0.0`, integrity: integrityOf(publish(file)), file }));
  build = { name: 'some-build', licence: 'under the GPL', megabytes: 1, files };
});
afterAll(() => {
  registry.closeAllConnections();
  registry.close();
});

const said: string[] = [];
const options = (cache: string, fetch: boolean): FindOptions => ({
  fetch,
  build,
  cache: join(folder, cache),
  say: (line) => void said.push(line),
});

beforeEach(() => {
  // What fetching takes, and no ffmpeg.
  const tools = join(folder, 'tools');
  mkdirSync(tools, { recursive: true });
  for (const tool of ['npm', 'node', 'tar', 'gzip', 'sh', 'env', 'echo']) {
    const file = execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { env: environment, encoding: 'utf8' }).trim();
    if (file.startsWith('/') && !readdirSync(tools).includes(tool)) symlinkSync(file, join(tools, tool));
  }
  delete process.env.FFMPEG_PATH;
  delete process.env.npm_execpath;
  process.env.PATH = tools;
  process.env.npm_config_registry = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  process.env.npm_config_cache = join(folder, 'npm');
  process.env.npm_config_fetch_retries = '0';
  requests.length = 0;
  said.length = 0;
});
afterAll(() => {
  process.env = environment;
});

describe('that is there', () => {
  test('is taken from PATH', async () => {
    const file = installed('bin');
    process.env.PATH = `${process.env.PATH}:${dirname(file)}`;
    expect(await findFfmpeg(options('unused', true))).toEqual({ file });
    expect(requests).toEqual([]);
  });

  test('is taken from FFMPEG_PATH first', async () => {
    process.env.PATH = `${process.env.PATH}:${dirname(installed('bin'))}`;
    process.env.FFMPEG_PATH = installed('mine', 'ffmpeg version N-66595-gc2b38619c0-static');
    expect(await findFfmpeg(options('unused', true))).toEqual({ file: process.env.FFMPEG_PATH });
  });

  test.each([
    ['is too old', 'old', ['ffmpeg version 4.4.2-0ubuntu', VERSION], /old\/ffmpeg is version 4\.4: /],
    ['has a ffprobe that is too old', 'older', [VERSION, 'ffprobe version n5.0'], /older\/ffprobe is version 5\.0: /],
  ])('and %s is told', async (_, name, [ffmpeg, ffprobe], told) => {
    process.env.FFMPEG_PATH = installed(name, ffmpeg, ffprobe);
    const { lack } = (await findFfmpeg(options('unused', true))) as { lack: string };
    expect(lack).toMatch(told);
    expect(lack).toMatch(INSTALL);
  });

  test('and has no ffprobe beside it is told', async () => {
    process.env.FFMPEG_PATH = program(join(folder, 'alone', 'ffmpeg'));
    expect(await findFfmpeg(options('unused', true))).toEqual({ lack: expect.stringMatching(/alone\/ffprobe does not run: install/) });
  });
});

describe('that is not there', () => {
  test('is not fetched unasked', async () => {
    const { lack } = (await findFfmpeg(options('unasked', false))) as { lack: string };
    expect(lack).toMatch(/not on the PATH: npm start -- split-transcode fetches them \(1 MB, under the GPL\); or install version 5\.1/);
    expect(requests).toEqual([]);
  });

  test('is fetched once, and it is said what it is', async () => {
    const file = join(folder, 'cache', 'some-build', 'ffmpeg');
    expect(await findFfmpeg(options('cache', true))).toEqual({ file });
    expect(said).toEqual([
      `Fetching ffmpeg and ffprobe, which are not on the PATH: the-ffmpeg@1.0.0 and the-ffprobe@1.0.0 from npm, 1 MB, once, into ${dirname(file)}`,
      'They are under the GPL, and no part of Stepworks.',
    ]);
    expect(readdirSync(join(folder, 'cache', 'some-build')).sort()).toEqual(['ffmpeg', 'ffprobe']);
    expect(execFileSync(join(dirname(file), 'ffprobe'), { encoding: 'utf8' })).toContain(VERSION);
    expect(readdirSync(folder)).not.toContain('script-was-run');
    requests.length = 0;
    expect(await findFfmpeg(options('cache', false))).toEqual({ file });
    expect(requests).toEqual([]);
  });

  test('is refused when it is another than the one that was looked at', async () => {
    const [ffmpeg, ffprobe] = build.files;
    const files = [{ ...ffmpeg, integrity: ffprobe.integrity }, ffprobe];
    const { lack } = (await findFfmpeg({ ...options('changed', true), build: { ...build, files } })) as { lack: string };
    expect(lack).toMatch(/could not be fetched \(the-ffmpeg@1\.0\.0 is not what it was: its tarball has the integrity sha512-/);
    expect(readdirSync(join(folder, 'changed'))).toEqual([]);
  });

  test.each([
    ['the registry has no such package', '', /npm pack the-ffmpeg@1\.0\.0 failed: .*404/],
    ['nobody answers', 'http://127.0.0.1:9/', /npm pack the-ffmpeg@1\.0\.0 failed: .*ECONNREFUSED/],
  ])('is skipped when %s', async (name, otherRegistry, told) => {
    tarballs.delete('the-ffmpeg');
    if (otherRegistry) process.env.npm_config_registry = otherRegistry;
    process.env.npm_config_cache = join(folder, `npm of ${name}`);
    const { lack } = (await findFfmpeg(options(name, true))) as { lack: string };
    expect(lack).toMatch(told);
    expect(lack).toMatch(INSTALL);
    expect(readdirSync(join(folder, name))).toEqual([]);
  });

  test('is skipped where no build is known', async () => {
    Object.defineProperty(process, 'arch', { value: 'mips' });
    expect(await findFfmpeg({ fetch: true, cache: folder })).toEqual({
      lack: expect.stringMatching(/not on the PATH: install version 5\.1/),
    });
  });
});
