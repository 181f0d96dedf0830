import type { VirtualClock } from './clock';
import type { TaskCall, TaskPort, TaskStarted } from './engine/types';

/**
 * Gives the answers of tasks that run side by side in one execution in the order in which the tasks were started, whichever worker
 * was first: the same run has the same history every time. A task whose predecessor waits for time to pass is not kept.
 */
export class TasksInOrder implements TaskPort {
  private readonly running = new Map<string, Promise<unknown>[]>();

  constructor(
    private readonly port: TaskPort,
    private readonly clock: VirtualClock,
  ) {}

  async start(call: TaskCall): Promise<TaskStarted> {
    const running = this.running.get(call.executionArn) ?? [];
    const before = [...running];
    const work = this.port.start(call);
    const turn = (async () => {
      await Promise.allSettled([work]);
      if (before.length === 0) return;
      await Promise.race([Promise.all(before), this.clock.idle()]);
      // What follows from the answer before comes first.
      await new Promise(setImmediate);
    })();
    this.running.set(call.executionArn, running);
    running.push(turn);
    await turn;
    running.splice(running.indexOf(turn), 1);
    if (running.length === 0) this.running.delete(call.executionArn);
    return work;
  }
}
