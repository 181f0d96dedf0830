import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { JobFailure, type JobFunction } from '../../local';

/** What an image has as its command. */
const WORKER = join(__dirname, '..', '..', 'assets', 'lib', 'split-transcode', 'worker', 'index.js');

/** A container as Fargate runs it: the bundled worker in a process of its own, with ffmpeg on PATH and the task's environment and permissions. */
export const inContainer: JobFunction<'ecs'> = async (
  { environment },
  { clientConfig: { endpoint, region, credentials }, signal, log },
) => {
  const own = {
    ...environment,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  };
  const { code, said } = await runWorker(own, signal);
  log(said);
  if (code !== 0) throw new JobFailure(said, { exitCode: code });
};

/** @param signal tells it to end, as ECS does */
export function runWorker(environment: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<{ readonly code: number; readonly said: string }> {
  const { FFMPEG_PATH: ffmpeg, PATH } = process.env;
  // As an image has it: ffmpeg is there.
  const path = [...(ffmpeg ? [dirname(ffmpeg)] : []), PATH].join(delimiter);
  const child = spawn(process.execPath, [WORKER], { env: { PATH: path, ...environment } });
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise<{ code: number; said: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 137, said }));
  }).finally(() => signal?.removeEventListener('abort', end));
}
