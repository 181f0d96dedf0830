import { ApiError } from '../../cloud-types';
import { cloneItem, type Item, parseItem, typeOf } from './attribute-value';
import { fulfils } from './condition';
import { type Constraint, required, returnValuesOnConditionCheckFailure, tableName } from './constraints';
import { invalidParameterValues } from './errors';
import { type Expressions, readExpressions } from './expressions';
import { checkIndexKey, checkItemKey, checkKey, checkNotEmpty, checkUpdatedIndexKey, indexTypeMismatch, keyAttributes } from './key-schema';
import { checkItemSize } from './size';
import type { Table } from './table';
import { checkScalarKeys } from './table-definition';
import { update } from './update';
import { staticType, type UpdateAction } from './update-parser';

/** The four things that a request, alone or in a transaction, does to one item. */
export type WriteAction = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

export interface Write {
  readonly action: WriteAction;
  readonly tableName: string;
  /** The `Item` of a Put, the `Key` of the others. */
  readonly subject: Item;
  readonly expressions: Expressions;
  readonly returnOnFailure: boolean;
}

export interface Outcome {
  readonly before?: Item;
  readonly after?: Item;
}

export const writeConstraints = (action: WriteAction): Readonly<Record<string, Constraint>> => ({
  TableName: tableName,
  ReturnValuesOnConditionCheckFailure: returnValuesOnConditionCheckFailure,
  [action === 'Put' ? 'Item' : 'Key']: required,
  ...(action === 'ConditionCheck' ? { ConditionExpression: required } : {}),
});

/** What can be said of a write without its table. */
// biome-ignore lint/suspicious/noExplicitAny: PutItem's input and its like
export function readWrite(action: WriteAction, input: any): Write {
  const subject = parseItem(action === 'Put' ? input.Item : input.Key);
  if (action === 'Put') checkItemSize(subject, 'Item size');
  return {
    action,
    tableName: input.TableName,
    subject,
    expressions: readExpressions(input),
    returnOnFailure: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
  };
}

export function checkWriteKey({ action, subject }: Write, { definition }: Table): void {
  if (action === 'Put') checkItemKey(definition.schema, subject);
  else checkKey(definition.schema, subject);
}

export function checkWriteKeyNotEmpty({ subject }: Write, { definition }: Table): void {
  checkNotEmpty(definition.schema, subject);
}

/** What a write would do; throws for what DynamoDB refuses. Its key is already checked. */
export function outcomeOf(write: Write, table: Table): Outcome {
  const { action, subject, expressions } = write;
  if (action === 'Put') for (const { definition } of table.indexes) checkIndexKey(definition.schema, definition.name, subject);
  if (expressions.update) checkUpdate(expressions.update, table);
  const before = table.get(subject);
  if (expressions.condition && !fulfils(before ?? {}, expressions.condition)) throw conditionFailed(write, before);
  switch (action) {
    case 'Put':
      return { before, after: subject };
    case 'Delete':
      return { before };
    case 'ConditionCheck':
      return { before, after: before };
    case 'Update':
      return { before, after: updated(before ?? subject, expressions.update ?? [], table) };
  }
}

export function commit({ before, after }: Outcome, table: Table): void {
  if (after) table.put(after);
  else if (before) table.delete(before);
}

function updated(item: Item, actions: readonly UpdateAction[], table: Table): Item {
  // Read again, because an update may nest values deeper than they came.
  const after = parseItem(update(item, actions));
  checkItemSize(after, 'Item size to update');
  for (const { definition } of table.indexes) checkUpdatedIndexKey(definition.schema, after);
  return after;
}

function checkUpdate(actions: readonly UpdateAction[], { definition }: Table): void {
  for (const { name } of keyAttributes(definition.schema)) {
    if (actions.some(({ path }) => path[0] === name)) {
      throw invalidParameterValues(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
  checkScalarKeys(
    definition,
    actions.map(({ path }) => path),
  );
  for (const index of definition.indexes) {
    for (const { name, type } of keyAttributes(index.schema)) {
      const action = actions.find(({ path }) => path[0] === name);
      if (!action) continue;
      const actual = action.kind === 'set' ? staticType(action.value) : action.kind === 'remove' ? undefined : typeOf(action.value);
      if (actual && actual !== type) throw indexTypeMismatch(name, type, actual, index.name);
    }
  }
}

const conditionFailed = ({ returnOnFailure }: Write, before: Item | undefined) =>
  new ApiError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    returnOnFailure && before ? { Item: cloneItem(before) } : {},
  );
