import { validationError } from './errors';

/**
 * A number of up to 38 significant digits, exact: `coefficient × 10^exponent`, no trailing zero in the coefficient.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
 */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const PRECISION = 38;
const MAX_MAGNITUDE = 125;
const MIN_MAGNITUDE = -130;
const FORMAT = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const LONG_MAX = 2n ** 63n - 1n;

export function parseDecimal(text: string): Decimal {
  const match = FORMAT.exec(text);
  const power = BigInt(match?.[5] ?? 0);
  if (!match || power > LONG_MAX || power < -LONG_MAX) {
    throw validationError(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const [, sign, whole = '', fraction = match[4] ?? ''] = match;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  // Zero is range-checked too, by the exponent it is written with.
  checkMagnitude(Number(power) - fraction.length + digits.length - 1);
  return checkPrecision(normalize(BigInt(`${sign === '-' ? '-' : ''}${digits}`), Number(power) - fraction.length));
}

/** The one way in which DynamoDB writes a number: no exponent, no superfluous zero. */
export const normalizeNumber = (text: string): string => formatDecimal(parseDecimal(text));

export function formatDecimal({ coefficient, exponent }: Decimal): string {
  const sign = coefficient < 0n ? '-' : '';
  const digits = magnitudeDigits(coefficient);
  if (exponent >= 0) return `${sign}${digits}${'0'.repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

export function addNumbers(left: string, right: string): string {
  return combine(left, right, (a, b) => a + b);
}

export function subtractNumbers(left: string, right: string): string {
  return combine(left, right, (a, b) => a - b);
}

/**
 * A string that sorts, by code unit, as the number does: sign, magnitude, digits. Of a negative number the magnitude and the digits
 * are complemented, and a last `~` puts -12 after -123.
 */
export function numberOrder(text: string): string {
  const { coefficient, exponent } = parseDecimal(text);
  if (coefficient === 0n) return '1';
  const digits = magnitudeDigits(coefficient);
  const magnitude = String(digits.length - 1 + exponent - MIN_MAGNITUDE).padStart(3, '0');
  return coefficient > 0n ? `2${magnitude}${digits}` : `0${complement(magnitude)}${complement(digits)}~`;
}

/**
 * One byte, one for each two significant digits before and after the point, one for a minus sign. The guide only says
 * "approximately"; this is what the 400 KB limit shows (paritysuite/dynamodb-conformance, tests/tier3/limits/numberByteSize.test.ts).
 */
export function numberSize(text: string): number {
  const { coefficient, exponent } = parseDecimal(text);
  if (coefficient === 0n) return 1;
  const length = magnitudeDigits(coefficient).length;
  const fraction = Math.min(length, Math.max(0, -exponent));
  return 1 + Math.ceil((length - fraction) / 2) + Math.ceil(fraction / 2) + (coefficient < 0n ? 1 : 0);
}

function combine(left: string, right: string, operation: (a: bigint, b: bigint) => bigint): string {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = ({ coefficient, exponent: own }: Decimal) => coefficient * 10n ** BigInt(own - exponent);
  const result = normalize(operation(scaled(a), scaled(b)), exponent);
  checkMagnitude(result.exponent + magnitudeDigits(result.coefficient).length - 1);
  return formatDecimal(checkPrecision(result));
}

function normalize(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  const digits = coefficient.toString();
  const trimmed = digits.replace(/0+$/, '');
  return { coefficient: BigInt(trimmed), exponent: exponent + digits.length - trimmed.length };
}

function checkMagnitude(magnitude: number): void {
  if (magnitude > MAX_MAGNITUDE) {
    throw validationError('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (magnitude < MIN_MAGNITUDE) {
    throw validationError('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
}

function checkPrecision(decimal: Decimal): Decimal {
  if (magnitudeDigits(decimal.coefficient).length > PRECISION) {
    throw validationError('Attempting to store more than 38 significant digits in a Number');
  }
  return decimal;
}

const magnitudeDigits = (coefficient: bigint): string => (coefficient < 0n ? -coefficient : coefficient).toString();

const complement = (digits: string): string => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
