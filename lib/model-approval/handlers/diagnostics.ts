import { ModelError } from './model-error';
import type { Artifact, Metrics } from './review';
import { readText } from './store';

const LARGEST = 262_144;
/** So many fit a message beside the artifacts. */
const MOST_METRICS = 30;
const LONGEST = 64;

/** The numbers, texts and booleans at the top of the diagnostics, of exactly this version. @throws ModelError */
export async function readMetrics(bucket: string, { key, versionId, bytes }: Artifact): Promise<Metrics> {
  if (bytes > LARGEST) throw invalid(key, `they have ${bytes} bytes, ${LARGEST} are the most`);
  let diagnostics: unknown;
  try {
    diagnostics = JSON.parse(await readText(bucket, key, versionId));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(key, 'they are no JSON');
    throw error;
  }
  if (typeof diagnostics !== 'object' || diagnostics === null || Array.isArray(diagnostics)) throw invalid(key, 'they are no JSON object');
  const metrics = Object.entries(diagnostics).filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value));
  if (metrics.length === 0) throw invalid(key, 'they have no number, text or boolean by which to judge the model');
  const long = metrics.find(([name, value]) => name.length > LONGEST || String(value).length > LONGEST);
  if (long) throw invalid(key, `the metric '${long[0].slice(0, LONGEST)}' is longer than ${LONGEST} characters, or its value is`);
  if (metrics.length > MOST_METRICS)
    throw invalid(key, `they have ${metrics.length} metrics, ${MOST_METRICS} are the most: nest the others`);
  return Object.fromEntries(metrics);
}

const invalid = (key: string, why: string) => new ModelError('InvalidDiagnostics', `the diagnostics ${key} can't be shown: ${why}`);
