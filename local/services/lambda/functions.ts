import { ApiError, type Cloud, type PolicyStatement } from '../../cloud-types';
import type { FunctionConfiguration } from '../../functions/types';
import { arn } from '../identifiers';

export interface LambdaFunction {
  readonly configuration: FunctionConfiguration;
  readonly reservedConcurrency?: number;
  readonly deadLetterArn?: string;
  /** By qualifier. */
  readonly asyncConfigs: Map<string, AsyncConfig>;
  versions: number;
  /** Alias name → version. */
  readonly aliases: Map<string, string>;
  /** Statements of the resource policy, by qualified ARN. */
  readonly policies: Map<string, PolicyStatement[]>;
}

/** `AWS::Lambda::EventInvokeConfig`. */
export interface AsyncConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** The functions of one cloud, and the ways to name one. */
export class Functions {
  readonly #byName = new Map<string, LambdaFunction>();
  /** Folders (or .zip files) of layer versions, by ARN. */
  readonly layers = new Map<string, string>();
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  put(fn: LambdaFunction): void {
    this.#byName.set(fn.configuration.name, fn);
  }

  /** A name, a partial ARN ("123456789012:function:name") or an ARN, each with or without ":qualifier". */
  parse(reference: string, qualifier?: string): { name: string; qualifier?: string } {
    const found = /^(?:arn:[\w-]+:lambda:[\w-]*:)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(reference);
    if (!found) {
      throw new ApiError(
        'ValidationException',
        `1 validation error detected: Value '${reference}' at 'functionName' failed to satisfy constraint: it is neither a function's name nor an ARN`,
      );
    }
    if (qualifier && found[2] && qualifier !== found[2]) {
      throw new ApiError(
        'InvalidParameterValueException',
        'The derived qualifier from the function name does not match the specified qualifier.',
      );
    }
    return { name: found[1], qualifier: qualifier ?? found[2] };
  }

  arnOf(reference: string, qualifier?: string): string {
    const parsed = this.parse(reference, qualifier);
    // Another account's or region's function stays what it is: it isn't ours, and the policies should see it.
    const owned = reference.startsWith('arn:')
      ? reference.split(':').slice(0, 7).join(':')
      : arn(this.#cloud, 'lambda', `function:${parsed.name}`);
    return parsed.qualifier ? `${owned}:${parsed.qualifier}` : owned;
  }

  /** The function and the version that a reference means. All versions run the one code that the assembly has. */
  find(reference: string, explicit?: string): { fn: LambdaFunction; version: string; qualifier?: string } {
    const { name, qualifier } = this.parse(reference, explicit);
    const fn = this.#byName.get(name);
    const version = fn && this.#version(fn, qualifier);
    if (!fn || !version)
      throw new ApiError('ResourceNotFoundException', `Function not found: ${this.arnOf(reference, explicit)}`, 404, { Type: 'User' });
    return { fn, version, qualifier };
  }

  #version(fn: LambdaFunction, qualifier: string | undefined): string | undefined {
    if (qualifier === undefined || qualifier === '$LATEST') return '$LATEST';
    if (/^\d+$/.test(qualifier)) return Number(qualifier) >= 1 && Number(qualifier) <= fn.versions ? qualifier : undefined;
    return fn.aliases.get(qualifier);
  }
}
