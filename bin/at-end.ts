import { constants } from 'node:os';

/** Whatever ends the process, what was made is undone: workers, sockets, temporary folders, the processes of others. */
const pending: (() => unknown)[] = [];

/** Remembers what to undo. The function that it gives undoes it now. */
export function undoAtEnd(undo: () => unknown): () => Promise<void> {
  pending.push(undo);
  return async () => {
    const at = pending.indexOf(undo);
    if (at < 0) return;
    pending.splice(at, 1);
    await undo();
  };
}

/** The last made is undone first. What can't be undone doesn't keep the rest from it. */
async function undoAll(): Promise<void> {
  for (let undo = pending.pop(); undo; undo = pending.pop()) {
    try {
      await undo();
    } catch (error) {
      process.stderr.write(`stepworks: ${(error as Error).stack}\n`);
    }
  }
}

/** Signals, a closed pipe behind standard output or standard error, an error that nobody caught. A second signal doesn't wait. */
export function undoHoweverItEnds(): void {
  const end = (code: number) => void undoAll().then(() => process.exit(code));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const code = 128 + constants.signals[signal];
    process.once(signal, () => {
      process.once(signal, () => process.exit(code));
      end(code);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => end(code === 'EPIPE' ? 128 + constants.signals.SIGPIPE : 1));
  }
  process.on('uncaughtException', (error) => {
    process.stderr.write(`stepworks: ${error.stack}\n`);
    end(1);
  });
}
