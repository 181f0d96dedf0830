// npm run bench:transcode — a minute of 720p cut into segments against one ffmpeg, on this machine; and, by what the segments took, how
// long an hour would take with 10, 100 and 1,000 workers. --json for machines.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const json = process.argv.includes('--json');
const output = execFileSync(process.execPath, ['--import', 'tsx', join(here, 'run.ts')], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { cores, seconds, ways, simulated } = JSON.parse(output);
const number = (value) => value.toFixed(1);

if (json) console.log(output.trim());
else {
  console.log(`${seconds} s of 720p30 to 480p, x264 veryfast, AAC; Node ${process.version}, ${cores} cores\n`);
  console.log('| way | segments | wall | CPU | frames | as a serial encode |');
  console.log('| --- | ---: | ---: | ---: | ---: | --- |');
  for (const { way, segments, wall, cpu, frames, problems } of ways) {
    console.log(
      `| ${way} | ${segments} | ${number(wall)} s | ${number(cpu)} s | ${frames} | ${problems ? problems.join(', ') || 'yes' : ''} |`,
    );
  }
  console.log(
    `\nAn hour of it, simulated: segments of 20 s, each worker with one core; ${number(simulated.overhead)} s before and after them\n`,
  );
  console.log('| workers | wall | faster than one thread |');
  console.log('| ---: | ---: | ---: |');
  for (const { workers, wall, times } of simulated.rows)
    console.log(`| ${workers.toLocaleString('en')} | ${number(wall)} s | ${number(times)} times |`);
}
