import { type AttributeType, type AttributeValue, typeOf } from './attribute-value';
import type { DocumentPath } from './document-path';
import { ExpressionParser, type PathOperand, type ValueOperand } from './expression-parser';
import type { Placeholders } from './placeholders';
import { noteClashes } from './projection';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html */
export type UpdateAction =
  | { readonly kind: 'set'; readonly path: DocumentPath; readonly value: UpdateOperand }
  | { readonly kind: 'remove'; readonly path: DocumentPath }
  | { readonly kind: 'add' | 'delete'; readonly path: DocumentPath; readonly value: AttributeValue };

export type UpdateOperand =
  | PathOperand
  | ValueOperand
  | { readonly kind: 'function'; readonly name: UpdateFunction; readonly operands: readonly UpdateOperand[] };

export type UpdateFunction = '+' | '-' | 'if_not_exists' | 'list_append';

/** ADD and DELETE name types in words. */
const TYPE_WORDS: Readonly<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
  SS: 'SS',
  NS: 'NS',
  BS: 'BS',
};

export function parseUpdate(expression: string, placeholders: Placeholders): readonly UpdateAction[] {
  return new UpdateParser('UpdateExpression', expression, placeholders).parse();
}

/** The type that an operand will have, where the expression alone shows it. */
export function staticType(operand: UpdateOperand): AttributeType | undefined {
  if (operand.kind === 'path') return undefined;
  if (operand.kind === 'value') return typeOf(operand.value);
  if (operand.name === 'list_append') return 'L';
  return operand.name === 'if_not_exists' ? undefined : 'N';
}

class UpdateParser extends ExpressionParser {
  protected readonly ranks = {
    reserved: 0,
    functionName: 1,
    section: 2,
    name: 3,
    value: 4,
    overlap: 5,
    conflict: 6,
    operand: 7,
    function: 8,
  };

  parse(): readonly UpdateAction[] {
    const actions: UpdateAction[] = [];
    const sections = new Set<string>();
    do {
      const section = this.token.text.toUpperCase();
      if (!this.isKeyword('SET', 'REMOVE', 'ADD', 'DELETE')) throw this.syntaxError();
      this.advance();
      if (sections.has(section)) this.note(this.ranks.section, `The "${section}" section can only be used once in an update expression;`);
      sections.add(section);
      do actions.push(this.action(section));
      while (this.accept(','));
    } while (this.token.kind !== 'end');
    noteClashes(
      actions.map(({ path }) => path),
      (kind, message) => this.note(this.ranks[kind], message),
    );
    this.finish();
    return actions;
  }

  private action(section: string): UpdateAction {
    const path = this.path();
    if (section === 'REMOVE') return { kind: 'remove', path };
    if (section === 'SET') {
      this.expect('=');
      return { kind: 'set', path, value: this.setValue() };
    }
    const { value } = this.value();
    const type = typeOf(value);
    if (!['SS', 'NS', 'BS'].includes(type) && !(section === 'ADD' && type === 'N')) {
      this.note(
        this.ranks.operand,
        `Incorrect operand type for operator or function; operator: ${section}, operand type: ${TYPE_WORDS[type]}`,
      );
    }
    return { kind: section === 'ADD' ? 'add' : 'delete', path, value };
  }

  /** One operand, or two with + or - between them. */
  private setValue(): UpdateOperand {
    const left = this.operand();
    const operator = this.token.text;
    if (operator !== '+' && operator !== '-') return left;
    this.advance();
    const operands = [left, this.operand()];
    this.checkTypes(operator, operands, 'N');
    return { kind: 'function', name: operator, operands };
  }

  private operand(): UpdateOperand {
    if (this.accept('(')) {
      const operand = this.setValue();
      this.expect(')');
      return operand;
    }
    if (this.token.kind === 'value') return this.value();
    if (this.token.kind === 'name' && this.nextToken?.text === '(') return this.call();
    return { kind: 'path', path: this.path() };
  }

  private call(): UpdateOperand {
    const name = this.advance().text as UpdateFunction;
    this.expect('(');
    const operands = [this.operand()];
    while (this.accept(',')) operands.push(this.operand());
    this.expect(')');
    if (name !== 'if_not_exists' && name !== 'list_append') {
      this.note(this.ranks.functionName, `Invalid function name; function: ${name}`);
    } else if (operands.length !== 2) {
      this.note(
        this.ranks.function,
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
      );
    } else if (name === 'list_append') {
      this.checkTypes(name, operands, 'L');
    } else if (operands[0].kind !== 'path') {
      this.note(this.ranks.function, `Operator or function requires a document path; operator or function: ${name}`);
    }
    return { kind: 'function', name, operands };
  }

  private checkTypes(operator: string, operands: readonly UpdateOperand[], expected: AttributeType): void {
    const wrong = operands.map(staticType).find((type) => type !== undefined && type !== expected);
    if (wrong) {
      this.note(
        this.ranks.function,
        `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${wrong}`,
      );
    }
  }
}
