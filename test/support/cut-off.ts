import type { ApiCall, LocalCloud, Scenario, ScenarioResult } from '../../local';
import { allResources } from '../../local/assembly';
import { playOn, synthesizeSample } from './sample';

const NEVER = new Promise<never>(() => {});

/** Where a handler is cut off: at its first call of an operation, right after that had its effect. */
export interface CutOff {
  /** The end of the function's construct path. */
  readonly handler: string;
  /** "s3:PutObject" */
  readonly after: string;
  /** @default 'crash' */
  readonly as?: 'crash' | 'timeout';
  /** What the scenario expects otherwise, in the words of its problems. @default - nothing */
  readonly otherwise?: RegExp;
}

type Call = Pick<ApiCall, 'operation' | 'input'>;

/** @param met gets the call, which is not recorded */
function cutOff(cloud: LocalCloud, { handler, after, as = 'crash' }: CutOff, met: Call[]): void {
  const role = cloud.stacks
    .flatMap(allResources)
    .find(({ type, path }) => type === 'AWS::IAM::Role' && path.endsWith(`${handler}/Role/Resource`));
  cloud.intercept(async ({ service, operation, input, origin, principal }, run) => {
    const answer = await run();
    const isIt = principal.kind === 'role' && principal.arn === role?.attributes.Arn && `${service}:${operation}` === after;
    if (met.length > 0 || !isIt || origin?.kind !== 'client') return answer;
    met.push({ operation, input });
    cloud.interrupt(origin.traceId ?? '', as);
    return NEVER;
  });
}

/** Successful writes to the buckets, by key, and what was sent. */
function effects({ calls, mails }: ScenarioResult, buckets: RegExp, cutOffs: readonly Call[] = []): unknown {
  const written = [...calls.filter(({ error }) => !error), ...cutOffs].flatMap(({ operation, input }) => {
    const { Bucket = '', Key } = input as { readonly Bucket?: string; readonly Key?: string };
    return (operation === 'PutObject' || operation === 'CopyObject') && buckets.test(Bucket) ? [Key] : [];
  });
  return { written: written.toSorted(), mails: mails.map(({ to, subject }) => `${to} ${subject}`).toSorted() };
}

const samples = new Map<string, ReturnType<typeof synthesizeSample>>();

/**
 * A scenario ends as it does, and has written and sent what it has, each once, when a handler is cut off between its effect and its answer.
 * @param buckets where each object is to be written once
 */
export function testCutOffs(pattern: string, name: string, buckets: RegExp, places: readonly CutOff[]): void {
  const sample = samples.get(pattern) ?? synthesizeSample(pattern);
  samples.set(pattern, sample);
  let scenario: Scenario;
  let undisturbed: ScenarioResult;

  describe(`${pattern}, ${name}`, () => {
    beforeAll(async () => {
      const { assembly, scenarios } = await sample;
      scenario = scenarios.find((one) => one.name === name) as Scenario;
      undisturbed = await playOn(assembly, scenario);
    });

    test.each(places.map((place) => ({ as: 'crash', ...place }) as const))('a $as of $handler after $after is made good', async (place) => {
      const met: Call[] = [];
      const result = await playOn((await sample).assembly, scenario, (cloud) => cutOff(cloud, place, met));
      expect(met).toHaveLength(1);
      expect(result.problems.filter((problem) => !place.otherwise?.test(problem))).toEqual([]);
      expect(effects(result, buckets, met)).toEqual(effects(undisturbed, buckets));
    });
  });
}
