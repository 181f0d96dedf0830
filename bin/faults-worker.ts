/** Plays faults for the process that started it: one job after the other, as they come. */
import { type Job, Player, type PlayReport } from '../local/sweep';
import { undoAtEnd, undoHoweverItEnds } from './at-end';
import { sampleNamed, synthesized } from './commands/run';

/** What is sent, and what comes back. */
export interface JobMessage {
  readonly pattern: string;
  readonly job: Job;
}
export type JobAnswer = { readonly report: PlayReport } | { readonly error: string };

/** When nobody has a job any more. */
const dismissed = new Promise<void>((resolve) => void process.once('disconnect', resolve));

/** Its folder stays for as long as the process does. */
async function playerOf(pattern: string): Promise<Player> {
  const sample = sampleNamed(pattern);
  const { invariants } = sample;
  if (!invariants) throw new Error(`${pattern} has no invariants`);
  return new Promise((resolve, reject) => {
    synthesized(sample, (assembly) => {
      const player = new Player(sample.pattern, invariants, assembly);
      const dispose = undoAtEnd(() => player.dispose());
      resolve(player);
      return dismissed.then(dispose);
    }).catch(reject);
  });
}

if (process.send) {
  undoHoweverItEnds();
  const players = new Map<string, Promise<Player>>();
  const answer = (message: JobAnswer) => process.send?.(message);
  process.on('message', ({ pattern, job }: JobMessage) => {
    const player = players.get(pattern) ?? playerOf(pattern);
    players.set(pattern, player);
    player
      .then((ready) => ready.play(job))
      .then(
        (report) => answer({ report }),
        (error: Error) => answer({ error: error.stack ?? error.message }),
      );
  });
  void dismissed.then(() => setTimeout(() => process.exit(), 1000).unref());
}
