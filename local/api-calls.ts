import type { Access } from './access/types';
import { type Placeholder, placeholderIn } from './assembly';
import { CallRecord } from './call-record';
import type { Clock } from './clock';
import { type ApiCall, ApiError, type ApiRequest, type Operation, type Principal, type Service } from './cloud-types';
import { Faults } from './faults';
import { notImplemented } from './services/errors';

/** How AWS names a refused permission, where it is not AccessDeniedException. */
export const DENIED_CODES: Readonly<Record<string, string>> = {
  sns: 'AuthorizationError',
  sqs: 'AccessDenied',
  s3: 'AccessDenied',
  iam: 'AccessDenied',
};

export interface ApiCallsOptions {
  readonly clock: Clock;
  readonly access: Access;
  /** Of the bodies of calls, in all. */
  readonly recordedBytes?: number;
  /** Construct path of a role. */
  pathOfRole(arn: string): string | undefined;
}

/** Comes between a call that is allowed and its effect: `run` has it, as often as it is called. What it gives is the answer. */
export type CallInterceptor = (request: ApiRequest, run: () => Promise<unknown>) => Promise<unknown>;

/** The one way in to every service: authorizes, runs and records each call, with the faults that a test planned for it. */
export class ApiCalls {
  readonly faults = new Faults();
  interceptor: CallInterceptor = (_, run) => run();
  /** What no call may be given. */
  placeholders: readonly Placeholder[] = [];
  private services: ReadonlyMap<string, Service> = new Map();

  private readonly record: CallRecord;

  constructor(private readonly options: ApiCallsOptions) {
    this.record = new CallRecord(options.recordedBytes);
  }

  /** Every call that was made, in order. */
  get made(): readonly ApiCall[] {
    return this.record.calls;
  }

  serve(services: readonly Service[]): void {
    this.services = new Map(services.map((service) => [service.name, service]));
  }

  /** A call that may come late. */
  async deliver(request: ApiRequest): Promise<unknown> {
    const { clock } = this.options;
    const late = this.faults.takeDelay(request);
    if (late > 0) await clock.sleepUntil(clock.now() + late);
    return this.call(request);
  }

  async call(request: ApiRequest): Promise<unknown> {
    const at = this.options.clock.now();
    try {
      const output = await this.answer(request);
      this.record.add({ ...request, at, output });
      return output;
    } catch (error) {
      if (error instanceof ApiError) this.record.add({ ...request, at, error });
      throw error;
    }
  }

  /** The operation that "service:Operation" names. @throws for what no service has */
  named(call: string): { readonly service: string; readonly operation: string } {
    const [service, operation] = call.split(':');
    const operations = this.services.get(service)?.operations;
    if (operations?.[operation]) return { service, operation };
    throw new Error(
      operations
        ? `the local runner serves no operation '${operation}' of ${service}, only: ${Object.keys(operations).join(', ')}`
        : `'${call}' should be "service:Operation", with a service of the local runner: ${[...this.services.keys()].join(', ')}`,
    );
  }

  private async answer(request: ApiRequest): Promise<unknown> {
    const { service, operation } = request;
    const handler = this.services.get(service)?.operations[operation];
    if (!handler) throw notImplemented(`${service}:${operation}`);
    this.refusePlaceholder(request);
    this.authorize(handler, request);
    return this.interceptor(request, () => this.run(handler, request));
  }

  private async run(handler: Operation, request: ApiRequest): Promise<unknown> {
    const { input, principal } = request;
    const failure = this.faults.takeFailure(request, (role) => this.isBelow(principal, role));
    if (failure && !failure.afterEffect) throw failure.error;
    const output = await handler.run(input, principal);
    if (failure) throw failure.error;
    if (this.faults.takeRepetition(request)) await handler.run(input, principal);
    return output;
  }

  /** Whatever AWS would answer, it would be something else. */
  private refusePlaceholder({ service, operation, input }: ApiRequest): void {
    const found = this.placeholders.length > 0 && placeholderIn(input, this.placeholders);
    if (!found) return;
    const { resource, type, attribute } = found;
    throw notImplemented(`the resource ${resource} (${type}), whose attribute ${attribute} was given to ${service}:${operation}`);
  }

  private authorize(handler: Operation, { service, input, principal }: ApiRequest): void {
    for (const needed of handler.access(input)) {
      const { allowed, message = 'access denied' } = this.options.access.authorize(principal, needed);
      if (!allowed) throw new ApiError(DENIED_CODES[service] ?? 'AccessDeniedException', message, 403);
    }
  }

  private isBelow(principal: Principal, path: string): boolean {
    return principal.kind === 'role' && (this.options.pathOfRole(principal.arn)?.startsWith(path) ?? false);
  }
}
