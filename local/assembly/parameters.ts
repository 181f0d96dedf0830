/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
import type { DynamicResolver } from './dynamic';

export interface Parameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly AllowedValues?: readonly unknown[];
  readonly AllowedPattern?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly ConstraintDescription?: string;
}

const SSM_VALUE = /^AWS::SSM::Parameter::Value<(.+)>$/;

/** The value of a parameter: what was given, else its default; looked up where the type says that it names an SSM parameter. */
export async function parameterValue(parameter: Parameter, given: unknown, resolve: DynamicResolver): Promise<unknown> {
  const value = given ?? parameter.Default;
  if (value === undefined) throw new Error('it has no default, and no value was given');
  const type = SSM_VALUE.exec(parameter.Type)?.[1];
  const resolved = type ? await resolve({ service: 'ssm', name: String(value) }) : value;
  const parsed = parse(type ?? parameter.Type, resolved);
  if (!type) for (const each of Array.isArray(parsed) ? parsed : [parsed]) check(parameter, each);
  return parsed;
}

function parse(type: string, value: unknown): unknown {
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) {
    const list = Array.isArray(value) ? value : value === '' ? [] : String(value).split(',');
    return list.map((element) => (typeof element === 'string' ? element.trim() : element));
  }
  if (type !== 'Number') return typeof value === 'object' ? value : String(value);
  const number = Number(value);
  if (value === '' || Number.isNaN(number)) throw new Error(`"${value}" is no number`);
  return number;
}

function check(parameter: Parameter, value: unknown): void {
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue, ConstraintDescription } = parameter;
  const text = String(value);
  const broken =
    (AllowedValues && !AllowedValues.some((allowed) => String(allowed) === text) && `AllowedValues ${JSON.stringify(AllowedValues)}`) ||
    (AllowedPattern && !new RegExp(`^(?:${AllowedPattern})$`).test(text) && `AllowedPattern ${AllowedPattern}`) ||
    (MinLength !== undefined && text.length < Number(MinLength) && `MinLength ${MinLength}`) ||
    (MaxLength !== undefined && text.length > Number(MaxLength) && `MaxLength ${MaxLength}`) ||
    (MinValue !== undefined && Number(value) < Number(MinValue) && `MinValue ${MinValue}`) ||
    (MaxValue !== undefined && Number(value) > Number(MaxValue) && `MaxValue ${MaxValue}`);
  if (broken) throw new Error(`"${text}" breaks ${broken}${ConstraintDescription ? `: ${ConstraintDescription}` : ''}`);
}
