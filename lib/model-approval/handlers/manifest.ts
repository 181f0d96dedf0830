import { ModelError } from './model-error';
import { MANIFEST_NAME, type Place } from './settings';
import { type ListedVersion, readText, versionsBelow } from './store';

/** What a training run says of what it has written. */
export interface Manifest {
  readonly model: string;
  readonly version: string;
  readonly trainedBy: string;
  /** Names below the manifest's folder. */
  readonly files: readonly string[];
  /** Which of the files holds the metrics. */
  readonly diagnostics: string;
}

/** One version of a manifest. */
export interface ManifestVersion extends Manifest {
  readonly key: string;
  readonly versionId: string;
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
  /** With a slash at its end. */
  readonly folder: string;
}

const LARGEST = 262_144;
const MOST_FILES = 1000;

/** Becomes part of keys. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9._=-]*(\/[A-Za-z0-9_-][A-Za-z0-9._=-]*)*$/;

/** Exactly this version; the latest, where none is named. @throws ModelError */
export async function readManifest({ bucket }: Place, key: string, versionId?: string): Promise<ManifestVersion> {
  const versions = (await versionsBelow(bucket, key)).filter((one) => one.key === key && !one.deleted);
  const found = versions.find((one) => (versionId === undefined ? one.latest : one.versionId === versionId));
  if (!found) {
    throw new ModelError('NoSuchManifest', `s3://${bucket}/${key} has no ${versionId === undefined ? 'object' : `version ${versionId}`}`);
  }
  assertVersion(found, bucket);
  if (found.bytes > LARGEST) {
    throw new ModelError('InvalidManifest', `the manifest ${key} has ${found.bytes} bytes, ${LARGEST} are the most`);
  }
  const folder = key.slice(0, key.length - MANIFEST_NAME.length);
  const manifest = parseManifest(await readText(bucket, key, found.versionId), key);
  return { key, versionId: found.versionId, writtenAt: found.writtenAt, folder, ...manifest };
}

/** @throws ModelError when the bucket doesn't keep versions */
export function assertVersion({ key, versionId }: ListedVersion, bucket: string): void {
  if (versionId !== 'null') return;
  throw new ModelError(
    'UnversionedSource',
    `${key} has no version of its own, so that it could be replaced after the review: switch on versioning of the bucket ${bucket}, and write it again`,
  );
}

/** @throws ModelError naming every problem */
export function parseManifest(text: string, key: string): Manifest {
  const { model, version, trainedBy, files, diagnostics } = objectOf(text, key);
  const problems = [
    ...named('model', model),
    ...named('version', version),
    ...(typeof trainedBy === 'string' && trainedBy.trim() !== '' && trainedBy.length <= 256
      ? []
      : ['trainedBy is no text of 1 to 256 characters']),
    ...filesProblems(files),
    ...(Array.isArray(files) && files.includes(diagnostics) ? [] : ['diagnostics is none of the files']),
  ];
  if (problems.length > 0) throw new ModelError('InvalidManifest', `the manifest ${key} can't be used: ${problems.join('; ')}`);
  return { model, version, trainedBy, files, diagnostics } as Manifest;
}

function objectOf(text: string, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new ModelError('InvalidManifest', `the manifest ${key} is no JSON object`);
}

function named(field: string, value: unknown): string[] {
  return typeof value === 'string' && NAME.test(value)
    ? []
    : [`${field} is no name of up to 64 letters, digits, dots, dashes and underscores`];
}

function filesProblems(files: unknown): string[] {
  if (!Array.isArray(files) || files.length === 0 || files.length > MOST_FILES) return [`files is no list of 1 to ${MOST_FILES} names`];
  const bad = files.filter((file) => typeof file !== 'string' || file.length > 200 || !FILE.test(file) || file === MANIFEST_NAME);
  const twice = files.filter((file, index) => files.indexOf(file) !== index);
  return [
    ...(bad.length > 0 ? [`files has ${JSON.stringify(bad[0])}, which is no name of a file below the manifest's folder`] : []),
    ...(twice.length > 0 ? [`files has ${JSON.stringify(twice[0])} twice`] : []),
  ];
}
