import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Job, PlayReport } from '../local/sweep';
import { undoAtEnd } from './at-end';
import type { JobAnswer, JobMessage } from './faults-worker';

/** No play takes as long, on whatever machine. */
const PATIENCE_MS = 300_000;

interface Waiting extends JobMessage {
  done(report: PlayReport): void;
  failed(error: Error): void;
}

/** Processes that play side by side: each has a clock and handlers of its own. */
export class FaultWorkers {
  private readonly waiting: Waiting[] = [];
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  private readonly stop = undoAtEnd(() => this.dispose());

  constructor(private readonly most = availableParallelism()) {}

  play(pattern: string, job: Job): Promise<PlayReport> {
    return new Promise((done, failed) => {
      this.waiting.push({ pattern, job, done, failed });
      this.next();
    });
  }

  async close(): Promise<void> {
    await this.stop();
  }

  private next(): void {
    if (this.waiting.length === 0) return;
    const worker = this.idle.pop() ?? (this.all.size < this.most ? this.start() : undefined);
    if (!worker) return;
    const { done, failed, ...message } = this.waiting.shift() as Waiting;
    const end = (error?: Error, report?: PlayReport) => {
      clearTimeout(timer);
      worker.removeAllListeners('message').removeAllListeners('exit');
      if (report) done(report);
      else failed(error as Error);
      if (worker.connected) this.idle.push(worker);
      else this.all.delete(worker);
      this.next();
    };
    const timer = setTimeout(() => worker.kill('SIGKILL'), PATIENCE_MS);
    worker.once('message', (answer: JobAnswer) =>
      'report' in answer ? end(undefined, answer.report) : end(new Error(`${message.pattern}, ${message.job.scenario}: ${answer.error}`)),
    );
    worker.once('exit', (code, signal) =>
      end(new Error(`${message.pattern}, ${message.job.scenario}: the process ended with ${signal ?? code} while it was played`)),
    );
    worker.send(message);
  }

  private start(): ChildProcess {
    const worker = fork(join(__dirname, 'faults-worker.ts'), {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.all.add(worker);
    return worker;
  }

  private dispose(): void {
    for (const worker of this.all) if (worker.connected) worker.disconnect();
    this.all.clear();
  }
}
