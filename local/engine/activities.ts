/** What a worker gets from GetActivityTask. */
export interface ActivityTask {
  readonly taskToken: string;
  readonly input: string;
}

interface Scheduled extends ActivityTask {
  readonly taken: (workerName: string | undefined) => void;
}

/** The queues between activity tasks and the workers that ask for them. */
export class Activities {
  private readonly scheduled = new Map<string, Scheduled[]>();
  private readonly waiting = new Map<string, ((task: Scheduled) => void)[]>();

  /** Resolves with the worker's name when one has taken the task. */
  schedule(activityArn: string, taskToken: string, input: string, signal: AbortSignal): Promise<string | undefined> {
    return new Promise((taken) => {
      const task = { taskToken, input, taken };
      const worker = this.waiting.get(activityArn)?.shift();
      if (worker) return worker(task);
      const queue = this.scheduled.get(activityArn) ?? [];
      this.scheduled.set(activityArn, queue);
      queue.push(task);
      signal.addEventListener('abort', () => {
        const at = queue.indexOf(task);
        if (at >= 0) queue.splice(at, 1);
      });
    });
  }

  /** As GetActivityTask: the next task, as soon as there is one; undefined where the signal ends the wait. */
  take(activityArn: string, workerName: string | undefined, signal?: AbortSignal): Promise<ActivityTask | undefined> {
    return new Promise((resolve) => {
      const accept = (task: Scheduled) => {
        task.taken(workerName);
        resolve({ taskToken: task.taskToken, input: task.input });
      };
      const next = this.scheduled.get(activityArn)?.shift();
      if (next) return accept(next);
      const queue = this.waiting.get(activityArn) ?? [];
      this.waiting.set(activityArn, queue);
      queue.push(accept);
      signal?.addEventListener('abort', () => {
        const at = queue.indexOf(accept);
        if (at >= 0) queue.splice(at, 1);
        resolve(undefined);
      });
    });
  }
}
