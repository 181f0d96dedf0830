/** One fault at one call of one play. */
import type { ApiRequest } from '../cloud-types';
import type { LocalCloud } from '../local-cloud';
import { lost, refused, throttled } from './fault';
import type { PlannedFault } from './points';
import type { Sites } from './sites';

const NEVER = new Promise<never>(() => {});

export class Injection {
  /** Whether the call was made at all. */
  met = false;
  /** ARNs of the executions that it stopped. */
  readonly stopped = new Set<string>();
  private count = 0;
  private lifted = false;
  /** A function that was cut off for its time-out: so many seconds are still to pass. */
  private hung: { readonly functionName: string; readonly seconds: number } | undefined;

  constructor(
    private readonly cloud: LocalCloud,
    private readonly sites: Sites,
    private readonly planned: PlannedFault,
  ) {}

  /** From now on nothing fails any more. */
  lift(): void {
    this.lifted = true;
  }

  intercept = async (request: ApiRequest, run: () => Promise<unknown>): Promise<unknown> => {
    const isHit = this.isHit(request);
    const answer = isHit ? await this.strike(request, run) : await run();
    await this.passTime(request, answer);
    return answer;
  };

  private isHit(request: ApiRequest): boolean {
    if (this.lifted || this.sites.of(request)?.name !== this.planned.site.name) return false;
    this.count++;
    return this.planned.fault === 'error' ? this.count >= this.planned.n : this.count === this.planned.n;
  }

  private async strike(request: ApiRequest, run: () => Promise<unknown>): Promise<unknown> {
    this.met = true;
    const { service } = request;
    switch (this.planned.fault) {
      case 'error':
        throw refused(service);
      case 'throttle':
        throw throttled(service);
      case 'timeout':
        this.cutOff(request, 'timeout');
        return NEVER;
      case 'crash': {
        await run().catch(() => undefined);
        if (this.cutOff(request, 'crash')) return NEVER;
        throw lost(service);
      }
      case 'duplicate': {
        const answer = await run();
        await run().catch(() => undefined);
        return answer;
      }
      default:
        await this.stop();
        return run();
    }
  }

  /** Whether there is an invocation to cut off. */
  private cutOff({ origin, principal }: ApiRequest, as: 'crash' | 'timeout'): boolean {
    if (origin?.kind !== 'client' || origin.traceId === undefined) return false;
    const fn = principal.kind === 'role' ? this.sites.functionOf(principal.arn) : undefined;
    if (as === 'timeout' && fn) this.hung = { functionName: fn.ref, seconds: Number(fn.properties.Timeout ?? 3) };
    this.cloud.interrupt(origin.traceId, as);
    return true;
  }

  /**
   * The time that the function hung. Only for a task that waits for it: behind an HTTP API it is as if it had passed, since the browser
   * holds the clock.
   */
  private async passTime(request: ApiRequest, answer: unknown): Promise<void> {
    const { hung } = this;
    if (!hung || request.origin?.kind !== 'state' || request.service !== 'lambda') return;
    if (this.sites.functionNamed(request) !== hung.functionName || !(answer as { FunctionError?: string }).FunctionError) return;
    this.hung = undefined;
    await this.cloud.clock.sleepUntil(this.cloud.clock.now() + hung.seconds * 1000);
  }

  /** An Express run can't be stopped: it is only started again. */
  private async stop(): Promise<void> {
    const running = this.cloud
      .executions()
      .filter(({ status, mapRunArn, machine }) => status === 'RUNNING' && mapRunArn === undefined && machine.type === 'STANDARD');
    for (const { arn } of running) {
      this.stopped.add(arn);
      const input = { executionArn: arn, error: 'Stopped', cause: 'by the fault sweep' };
      await this.cloud.call({ service: 'sfn', operation: 'StopExecution', input, principal: { kind: 'operator' } });
    }
  }
}
