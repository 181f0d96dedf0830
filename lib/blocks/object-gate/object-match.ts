import type { Duration } from 'aws-cdk-lib';
import { isJsonata } from '../../asl/jsonata';

/** Which objects count. */
export interface ObjectMatchOptions {
  /** Fewest bytes; of a drop, of its data together. What is smaller is not there yet. @default 1 */
  readonly minSize?: number;
  /** Only what was written after this instant counts, such as `{% $states.input.notBefore %}`: ISO 8601, or JSONata that gives it. What an earlier period left behind is older. @default - of any age */
  readonly newerThan?: string;
  /** What the key certainly begins with: the gate may list that, and no more. @default - the key or prefix itself; required where it is JSONata */
  readonly within?: string;
}

/** Which objects under a prefix count. */
export interface ObjectPrefixOptions extends ObjectMatchOptions {
  /** What keys end with, such as ".csv". @default - anything */
  readonly suffix?: string;
}

/** When a drop of several objects is whole. */
export class DropComplete {
  /** When an object of this name is there, of any size, which is written last. @param name @default "_SUCCESS" */
  public static marker(name = '_SUCCESS'): DropComplete {
    assertName(name);
    return new DropComplete({ type: 'marker', name });
  }

  /**
   * When a manifest is there and everything that it lists: `{ "files": [<name below the prefix>, …] }`, or
   * `{ "entries": [{ "url": "s3://<bucket>/<key>" }, …] }` as Redshift's UNLOAD writes it, of 1 MiB at most. One that can't be read counts as not there.
   * @param name @default "manifest.json"
   */
  public static manifest(name = 'manifest.json'): DropComplete {
    assertName(name);
    return new DropComplete({ type: 'manifest', name });
  }

  /** When nothing was written for so long. It is noticed by the gate's next sweep. For those who write neither marker nor manifest. */
  public static quietFor(duration: Duration): DropComplete {
    return new DropComplete({ type: 'quiet', seconds: duration.toSeconds() });
  }

  private constructor(
    /** @internal */
    public readonly _rule: { readonly type: 'marker' | 'manifest' | 'quiet'; readonly name?: string; readonly seconds?: number },
  ) {}
}

/** What is waited for: one object, or several that belong together. Keys and prefixes are texts, or JSONata such as `{% "sales/" & $states.input.period & ".csv" %}`. */
export class ObjectMatch {
  /** One object by its key. */
  public static key(key: string, options: ObjectMatchOptions = {}): ObjectMatch {
    return new ObjectMatch(key, { type: 'key' }, options);
  }

  /** Any object under a prefix; of several the newest. */
  public static prefix(prefix: string, options: ObjectPrefixOptions = {}): ObjectMatch {
    return new ObjectMatch(prefix, { type: 'prefix' }, options);
  }

  /** Several objects under a prefix, once they are whole. */
  public static drop(prefix: string, complete: DropComplete, options: ObjectPrefixOptions = {}): ObjectMatch {
    return new ObjectMatch(prefix, complete._rule, options);
  }

  private constructor(
    private readonly prefix: string,
    private readonly complete: { readonly type: string; readonly name?: string; readonly seconds?: number },
    private readonly options: ObjectPrefixOptions,
  ) {
    const { minSize = 1, within } = options;
    const problems: string[] = [];
    if (prefix === '' || within === '') problems.push('name what its keys begin with, or the gate would have to list everything');
    if (isJsonata(prefix) && within === undefined) {
      problems.push(`'${prefix}' is known only when it runs: give \`within\`, what it certainly begins with`);
    }
    if (!isJsonata(prefix) && within !== undefined && !prefix.startsWith(within)) {
      problems.push(`'${prefix}' does not begin with '${within}', which \`within\` says`);
    }
    if (!Number.isInteger(minSize) || minSize < 0) problems.push(`minSize is ${minSize}: give whole bytes, 0 or more`);
    if (problems.length > 0) throw new Error(`the object match can't be made: ${problems.join('; ')}`);
  }

  /**
   * The same, where it says nothing of age itself.
   * @internal
   */
  public _newerThan(newerThan: string): ObjectMatch {
    return new ObjectMatch(this.prefix, this.complete, { newerThan, ...this.options });
  }

  /** @internal */
  public get _within(): string {
    return this.options.within ?? this.prefix;
  }

  /**
   * What the keys of manifests end with, where there are some.
   * @internal
   */
  public get _manifest(): string | undefined {
    return this.complete.type === 'manifest' ? this.complete.name : undefined;
  }

  /**
   * As the handlers read it.
   * @internal
   */
  public get _payload(): { [name: string]: unknown } {
    const { minSize = 1, newerThan, suffix } = this.options;
    return {
      prefix: this.prefix,
      within: this._within,
      complete: this.complete,
      minSize,
      ...(suffix !== undefined && { suffix }),
      ...(newerThan !== undefined && { newerThan }),
    };
  }
}

function assertName(name: string): void {
  if (name === '' || name.includes('*')) throw new Error(`'${name}' is no name of an object below the prefix: give one without '*'`);
}
