import { ApiError, type Cloud } from '../../cloud-types';
import { arn, digits } from '../identifiers';

export type ParameterType = 'String' | 'StringList' | 'SecureString';

export interface ParameterVersion {
  readonly number: number;
  readonly type: ParameterType;
  readonly value: string;
  /** What is seen of a SecureString without decryption. */
  readonly cipherText?: string;
  readonly keyId?: string;
  readonly changedAt: number;
}

export interface Parameter {
  readonly name: string;
  readonly arn: string;
  readonly dataType: string;
  readonly tier: string;
  description?: string;
  allowedPattern?: string;
  /** The oldest first. */
  readonly versions: ParameterVersion[];
}

export interface PutInput {
  readonly Name: string;
  readonly Value: string;
  readonly Type?: ParameterType;
  readonly Description?: string;
  readonly KeyId?: string;
  readonly Overwrite?: boolean;
  readonly AllowedPattern?: string;
  readonly Tier?: string;
  readonly DataType?: string;
}

/** https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm */
const MAX_VALUE = { Standard: 4096, Advanced: 8192 };
const MAX_VERSIONS = 100;
const MAX_LEVELS = 15;

/** The parameters of the account and region, by name. */
export class Parameters {
  readonly #byName = new Map<string, Parameter>();
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** A name, or an ARN, without the version or label after it. */
  nameOf(reference: string): string {
    if (!reference.startsWith('arn:')) return reference.split(':')[0];
    const path = reference.split(':')[5].slice('parameter'.length);
    // "/a" and "a" have the same ARN.
    return this.#byName.has(path) ? path : path.slice(1);
  }

  arnOf(reference: string): string {
    const name = this.nameOf(reference);
    return arn(this.#cloud, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
  }

  find(reference: string): Parameter | undefined {
    return this.#byName.get(this.nameOf(reference));
  }

  /** The version that "name:3" means, or the latest. */
  version(reference: string): { parameter: Parameter; version: ParameterVersion; selector?: string } {
    const parameter = this.find(reference);
    if (!parameter) throw new ApiError('ParameterNotFound', `Parameter ${reference} not found.`);
    const selector = reference.startsWith('arn:') ? reference.split(':')[6] : reference.split(':')[1];
    if (selector === undefined) return { parameter, version: latest(parameter) };
    const version = parameter.versions.find(({ number }) => String(number) === selector);
    if (!version) {
      const what = /^\d+$/.test(selector) ? `version ${selector}` : `label ${selector}`;
      throw new ApiError('ParameterVersionNotFound', `Systems Manager could not find ${what} of ${parameter.name}.`);
    }
    return { parameter, version, selector: `:${selector}` };
  }

  below(path: string, recursive: boolean): Parameter[] {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return [...this.#byName.values()]
      .filter(({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
  put(input: PutInput): Parameter {
    const former = this.#byName.get(input.Name);
    if (former && !input.Overwrite) {
      throw new ApiError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const type = input.Type ?? (former && latest(former).type);
    if (!type) throw validation('A parameter type is required when you create a parameter.');
    const tier = input.Tier === 'Advanced' ? 'Advanced' : (former?.tier ?? 'Standard');
    checkName(input.Name);
    checkValue(input, MAX_VALUE[tier as keyof typeof MAX_VALUE], tier, former?.allowedPattern);
    const parameter: Parameter = {
      name: input.Name,
      arn: this.arnOf(input.Name),
      dataType: input.DataType ?? former?.dataType ?? 'text',
      tier,
      description: input.Description ?? former?.description,
      allowedPattern: input.AllowedPattern ?? former?.allowedPattern,
      versions: former?.versions ?? [],
    };
    const secure = type === 'SecureString';
    parameter.versions.push({
      number: (parameter.versions.at(-1)?.number ?? 0) + 1,
      type,
      value: input.Value,
      changedAt: this.#cloud.clock.now(),
      ...(secure && {
        keyId: input.KeyId ?? (former && latest(former).keyId) ?? 'alias/aws/ssm',
        cipherText: Buffer.from(digits(this.#cloud, 64)).toString('base64'),
      }),
    });
    if (parameter.versions.length > MAX_VERSIONS) parameter.versions.shift();
    this.#byName.set(input.Name, parameter);
    return parameter;
  }

  delete(reference: string): Parameter | undefined {
    const parameter = this.find(reference);
    if (parameter) this.#byName.delete(parameter.name);
    return parameter;
  }
}

export function latest({ versions }: Parameter): ParameterVersion {
  return versions[versions.length - 1];
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html#sysman-parameter-name-constraints */
function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]{1,1011}$/.test(name)) {
    throw validation(
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_ (the name is '${name}')`,
    );
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive): '${name}'`);
  }
  if (name.includes('/') && !name.startsWith('/')) throw validation(`Parameter name must be a fully qualified name: '${name}'`);
  if (name.split('/').length - 1 > MAX_LEVELS) {
    throw new ApiError('HierarchyLevelLimitExceededException', `A hierarchy can have a maximum of ${MAX_LEVELS} levels: '${name}'`);
  }
}

function checkValue({ Value, AllowedPattern }: PutInput, max: number, tier: string, formerPattern: string | undefined): void {
  if (Value === '') {
    throw validation(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  if (Buffer.byteLength(Value) > max) {
    throw validation(`${tier} tier parameters support a maximum parameter value of ${max} characters.`);
  }
  const pattern = AllowedPattern ?? formerPattern;
  if (pattern && !new RegExp(pattern).test(Value)) {
    throw new ApiError('ParameterPatternMismatchException', `Parameter value, cannot be validated against allowedPattern: ${pattern}`);
  }
}

export function validation(message: string): ApiError {
  return new ApiError('ValidationException', message);
}
