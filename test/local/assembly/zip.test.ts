import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { unzip } from '../../../local/assembly/zip';
import { temporaryFolder } from './harness';

/** Python's zipfile writes the archives, so that reader and writer don't share a misbelief. */
function zipped(script: string): string {
  const folder = temporaryFolder();
  execFileSync('python3', ['-c', `import zipfile, sys, os\n${script}`], { cwd: folder });
  return path.join(folder, 'a.zip');
}

describe('unzip', () => {
  test('stored and deflated files, folders, modes and links', () => {
    const file = zipped(`
z = zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_DEFLATED)
z.writestr('index.js', 'x' * 100000)
z.writestr('deep/er/stored.txt', 'héllo', zipfile.ZIP_STORED)
z.writestr('empty/', '')
i = zipfile.ZipInfo('run.sh'); i.external_attr = 0o100755 << 16; z.writestr(i, '#!/bin/sh')
i = zipfile.ZipInfo('link.js'); i.create_system = 3; i.external_attr = 0o120777 << 16; z.writestr(i, 'index.js')
z.comment = b'a comment'
z.close()`);
    const into = temporaryFolder();
    unzip(file, into);
    const read = (name: string) => readFileSync(path.join(into, name), 'utf8');
    expect(read('index.js')).toBe('x'.repeat(100_000));
    expect(read('deep/er/stored.txt')).toBe('héllo');
    expect(read('link.js')).toBe(read('index.js'));
    expect(statSync(path.join(into, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(statSync(path.join(into, 'empty')).isDirectory()).toBe(true);
  });

  test.each([
    ['what is no archive', "open('a.zip', 'w').write('hello')", 'it is no zip archive'],
    ['a path out of it', "z = zipfile.ZipFile('a.zip', 'w'); z.writestr('../evil.js', 'x'); z.close()", '"../evil.js" lies outside of it'],
    [
      'another method',
      "z = zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_BZIP2); z.writestr('a', 'x'); z.close()",
      '"a" is compressed by method 12',
    ],
    [
      'damage',
      "z = zipfile.ZipFile('a.zip', 'w'); z.writestr('a', 'content'); z.close(); d = open('a.zip', 'rb').read(); open('a.zip', 'wb').write(d.replace(b'content', b'CONTENT'))",
      'the checksum of "a" is wrong',
    ],
  ])('%s is refused', (_, script, message) => {
    const file = zipped(script);
    const into = path.join(temporaryFolder(), 'in');
    mkdirSync(into);
    expect(() => unzip(file, into)).toThrow(`${file} cannot be unpacked: ${message}`);
    expect(existsSync(path.join(into, '..', 'evil.js'))).toBe(false);
  });

  test('a link does not lead files out of the folder', () => {
    const outside = temporaryFolder();
    const into = temporaryFolder();
    const file = zipped(`
z = zipfile.ZipFile('a.zip', 'w')
i = zipfile.ZipInfo('out'); i.create_system = 3; i.external_attr = 0o120777 << 16; z.writestr(i, ${JSON.stringify(outside)})
z.writestr('out/evil.js', 'x')
z.close()`);
    expect(() => unzip(file, into)).toThrow('"out/evil.js" lies outside of it');
    expect(existsSync(path.join(outside, 'evil.js'))).toBe(false);
  });
});
