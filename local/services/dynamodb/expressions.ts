import { notImplemented } from '../errors';
import type { Condition } from './condition-parser';
import { parseCondition } from './condition-parser';
import type { DocumentPath } from './document-path';
import { validationError } from './errors';
import { type PlaceholderInput, Placeholders } from './placeholders';
import { parseProjection } from './projection';
import { parseUpdate, type UpdateAction } from './update-parser';

export interface Expressions {
  readonly update?: readonly UpdateAction[];
  readonly condition?: Condition;
  readonly keyCondition?: Condition;
  readonly filter?: Condition;
  readonly projection?: readonly DocumentPath[];
}

/** In the order in which DynamoDB reads them. */
const PARAMETERS = [
  'UpdateExpression',
  'ConditionExpression',
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
] as const;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html */
const LEGACY_PARAMETERS = [
  'AttributesToGet',
  'AttributeUpdates',
  'QueryFilter',
  'ScanFilter',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
] as const;

type ExpressionInput = PlaceholderInput & Readonly<Record<string, unknown>>;

/** Reads the expressions of a request, or of an entry of a batch. */
export function readExpressions(input: ExpressionInput): Expressions {
  const present = PARAMETERS.filter((parameter) => isPresent(input[parameter]));
  checkLegacy(input, present);
  checkAliases(input, present);
  const placeholders = new Placeholders(input);
  const condition = (parameter: (typeof PARAMETERS)[number]) =>
    isPresent(input[parameter]) ? parseCondition(parameter, String(input[parameter]), placeholders) : undefined;
  const expressions = {
    update: isPresent(input.UpdateExpression) ? parseUpdate(String(input.UpdateExpression), placeholders) : undefined,
    condition: condition('ConditionExpression'),
    keyCondition: condition('KeyConditionExpression'),
    filter: condition('FilterExpression'),
    projection: isPresent(input.ProjectionExpression) ? parseProjection(String(input.ProjectionExpression), placeholders) : undefined,
  };
  placeholders.checkAllUsed();
  return expressions;
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

/** The parameters from before there were expressions. AWS still takes them; here they are refused, rather than ignored. */
function checkLegacy(input: ExpressionInput, expressions: readonly string[]): void {
  const legacy = LEGACY_PARAMETERS.filter((parameter) => isPresent(input[parameter]));
  if (legacy.length === 0) return;
  if (expressions.length > 0) {
    throw validationError(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${expressions.join(', ')}}`,
    );
  }
  throw notImplemented(`DynamoDB's legacy parameters (${legacy.join(', ')}; use expressions)`);
}

function checkAliases(input: ExpressionInput, expressions: readonly string[]): void {
  if (isPresent(input.ExpressionAttributeNames) && expressions.length === 0) {
    throw validationError('ExpressionAttributeNames can only be specified when using expressions');
  }
  if (isPresent(input.ExpressionAttributeValues) && expressions.every((parameter) => parameter === 'ProjectionExpression')) {
    throw validationError('ExpressionAttributeValues can only be specified when using expressions');
  }
}
