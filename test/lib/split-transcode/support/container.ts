import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { JobFailure, type JobFunction } from '../../../../local';

/** What an image has as its command. */
export const WORKER = join(__dirname, '..', '..', '..', '..', 'assets', 'lib', 'split-transcode', 'worker', 'index.js');

/** A container as Fargate runs it: the bundled worker in a process of its own, with ffmpeg on PATH and the task's environment. */
export const inContainer: JobFunction<'ecs'> = async ({ environment }, { clientConfig: { endpoint, region, credentials }, log }) => {
  const { code, said } = await runWorker({
    ...environment,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  });
  log(said);
  if (code !== 0) throw new JobFailure(said, { exitCode: code });
};

/** As an image has it: ffmpeg is there. */
const PATH = [...(process.env.FFMPEG_PATH ? [dirname(process.env.FFMPEG_PATH)] : []), process.env.PATH].join(delimiter);

export function runWorker(environment: NodeJS.ProcessEnv): Promise<{ readonly code: number; readonly said: string }> {
  const child = spawn(process.execPath, [WORKER], { env: { PATH, ...environment } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 137, said }));
  });
}
