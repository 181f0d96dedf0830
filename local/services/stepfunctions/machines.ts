import { ApiError } from '../../cloud-types';
import type { Machine } from '../../engine/types';

export interface StoredMachine {
  readonly machine: Machine;
  readonly createdAt: number;
  readonly loggingConfiguration?: unknown;
  readonly tracingConfiguration?: unknown;
  /** The definition's text, as deployed. */
  readonly definition: string;
  versions: number;
  /** Alias name → version ARNs with their weights. */
  readonly aliases: Map<string, readonly { readonly versionArn: string; readonly weight: number }[]>;
}

/** What a state machine's ARN, with or without a version or an alias, means. */
export interface Resolved {
  readonly stored: StoredMachine;
  readonly versionArn?: string;
  readonly aliasArn?: string;
}

export class Machines {
  readonly #byArn = new Map<string, StoredMachine>();

  put(stored: StoredMachine): void {
    this.#byArn.set(stored.machine.arn, stored);
  }

  /** Which version an alias sends an execution to is drawn by weight: `random` is in [0, 1). */
  resolve(arn: string, random: () => number): Resolved {
    checkArn(arn, ['stateMachine']);
    const parts = arn.split(':');
    const [base, qualifier] = [parts.slice(0, 7).join(':'), parts[7]];
    const stored = this.#byArn.get(base);
    if (!stored) throw doesNotExist(arn);
    if (qualifier === undefined) return { stored };
    if (/^\d+$/.test(qualifier)) {
      if (Number(qualifier) < 1 || Number(qualifier) > stored.versions) throw doesNotExist(arn);
      return { stored, versionArn: arn };
    }
    const routes = stored.aliases.get(qualifier);
    if (!routes) throw doesNotExist(arn);
    let drawn = random() * 100;
    const chosen = routes.find(({ weight }) => {
      drawn -= weight;
      return drawn < 0;
    });
    return { stored, aliasArn: arn, versionArn: (chosen ?? routes[routes.length - 1]).versionArn };
  }
}

function doesNotExist(arn: string): ApiError {
  return new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

/** The texts are recorded answers of AWS. */
export function checkArn(arn: string, kinds: readonly string[]): void {
  const parts = arn.split(':');
  if (parts[0] !== 'arn') throw new ApiError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (parts[2] !== 'states' || parts.length < 7) throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
  if (!kinds.includes(parts[5])) throw new ApiError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${parts[5]}'`);
}
