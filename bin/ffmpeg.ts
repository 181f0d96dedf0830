import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type PinnedFile, unpackFrom } from './npm-package';

/** What a sample that runs ffmpeg and ffprobe has of this machine: the file of ffmpeg, with ffprobe beside it; or what it lacks. */
export type Ffmpeg = { readonly file: string } | { readonly lack: string };

/** Builds that others publish, where there are some that will do: with x264, and not too old. Each was run with the sample. */
export interface Build {
  readonly name: string;
  readonly licence: string;
  readonly megabytes: number;
  readonly files: readonly PinnedFile[];
}

const BUILDS: Readonly<Record<string, Build>> = {
  'linux x64': {
    name: 'ffmpeg-6.1',
    licence: 'static builds of johnvansickle.com under the GPL, version 3 (https://ffmpeg.org/legal.html)',
    megabytes: 58,
    files: [
      {
        package: '@topia-live/linux-x64@6.1.0',
        integrity: 'sha512-XEwDW3OSTkwmAlqdiPSM6tEyaPf3WwnnnW0cnIXr+6S/TdOl50cwabzFwqBT5CegfrawGuZKftxXsnLLBI92zw==',
        file: 'ffmpeg',
      },
      {
        package: '@ffprobe-installer/linux-x64@5.2.0',
        integrity: 'sha512-D3UeqTLYPNs7pBWPLUYGehPdRVqU8eACox4OZy3pZUZatxye2YKlvBwEfaLdL1v2Z4FOAlLUhms0kY8m8kqSRA==',
        file: 'ffprobe',
      },
    ],
  },
};

const INSTALL = 'install version 5.1 or later (apt-get install ffmpeg, brew install ffmpeg), or say where it is with FFMPEG_PATH';

/** What the samples' options `-fps_mode` and `-format_whitelist` need. */
const LEAST = [5, 1] as const;

const run = promisify(execFile);

export interface FindOptions {
  /** Whether one may be fetched where there is none. */
  readonly fetch: boolean;
  /** @default - the one for this machine */
  readonly build?: Build;
  /** Where what is fetched is kept. @default - the user's cache */
  readonly cache?: string;
  /** Told of what is fetched. @default - standard error */
  say?(line: string): void;
}

/** In FFMPEG_PATH, on PATH, or fetched before; else, where it may be, it is fetched: never shipped with Stepworks, and for the samples alone. */
export async function findFfmpeg(options: FindOptions): Promise<Ffmpeg> {
  const { fetch, build = BUILDS[`${process.platform} ${process.arch}`], cache = cacheFolder() } = options;
  const given = process.env.FFMPEG_PATH;
  if (given) return usable(given);
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, 'ffmpeg');
    if (await isThere(file)) return usable(file);
  }
  if (!build) return { lack: `it runs ffmpeg and ffprobe, which are not on the PATH: ${INSTALL}` };
  const folder = join(cache, build.name);
  const fetched = join(folder, 'ffmpeg');
  if (await isThere(fetched)) return { file: fetched };
  const ask = 'npm start -- split-transcode fetches them';
  if (!fetch)
    return {
      lack: `it runs ffmpeg and ffprobe, which are not on the PATH: ${ask} (${build.megabytes} MB, ${build.licence}); or ${INSTALL}`,
    };
  try {
    await fetchInto(folder, build, options.say ?? ((line) => void process.stderr.write(`${line}\n`)));
    return { file: fetched };
  } catch (error) {
    return {
      lack: `it runs ffmpeg and ffprobe, which are not on the PATH and could not be fetched (${(error as Error).message}): ${INSTALL}`,
    };
  }
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stepworks');
}

async function fetchInto(folder: string, { files, licence, megabytes }: Build, say: (line: string) => void): Promise<void> {
  const packages = files.map((file) => file.package).join(' and ');
  say(`Fetching ffmpeg and ffprobe, which are not on the PATH: ${packages} from npm, ${megabytes} MB, once, into ${folder}`);
  say(`They are ${licence}, and no part of Stepworks.`);
  await mkdir(dirname(folder), { recursive: true });
  // Whole or not at all, whoever else fetches it at the same time.
  const partial = await mkdtemp(`${folder}-`);
  try {
    for (const file of files) await unpackFrom(file, partial);
    for (const { file } of files) await run(join(partial, file), ['-version']);
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Both run, and are new enough. */
async function usable(file: string): Promise<Ffmpeg> {
  for (const tool of [file, join(dirname(file), 'ffprobe')]) {
    const said = await run(tool, ['-version']).then(
      ({ stdout }) => stdout,
      () => undefined,
    );
    if (said === undefined) return { lack: `it runs ffmpeg and ffprobe, and ${tool} does not run: ${INSTALL}` };
    // Builds between two releases have no such number.
    const [, major, minor] = /^\S+ version n?(\d+)\.(\d+)/.exec(said)?.map(Number) ?? [];
    if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) return { lack: `${tool} is version ${major}.${minor}: ${INSTALL}` };
  }
  return { file };
}

function isThere(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
