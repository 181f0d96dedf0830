import { type AttributeType, type AttributeValue, isOrdered, orderOf, typeOf } from './attribute-value';
import { describePath, samePath } from './document-path';
import { ExpressionParser, type PathOperand, type ValueOperand } from './expression-parser';
import type { Placeholders } from './placeholders';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'comparison'; readonly operator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: 'function'; readonly name: string; readonly operands: readonly Operand[] };

export type Operand = PathOperand | ValueOperand | { readonly kind: 'size'; readonly operands: readonly Operand[] };
export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

type Node = Condition | Operand;

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const ARITY: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};
const TYPE_NAMES: readonly string[] = ['S', 'N', 'B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'NS', 'M'];

export const isOperand = (node: Node): node is Operand => node.kind === 'path' || node.kind === 'value' || node.kind === 'size';

export function parseCondition(parameter: string, expression: string, placeholders: Placeholders): Condition {
  return new ConditionParser(parameter, expression, placeholders).parse();
}

class ConditionParser extends ExpressionParser {
  private clause = 0;
  private readonly inParentheses = new WeakSet<object>();

  parse(): Condition {
    const condition = this.condition(this.disjunction());
    this.finish();
    return condition;
  }

  /** Classes first; then clause by clause, in the order in which they are written. */
  protected get ranks() {
    const clause = 10 + this.clause * 4;
    return {
      parentheses: 0,
      functionName: 1,
      misuse: 2,
      reserved: 3,
      name: clause,
      value: clause,
      arity: clause + 1,
      distinct: clause + 2,
      type: clause + 3,
    };
  }

  private disjunction(): Node {
    const left = this.conjunction();
    if (!this.isKeyword('OR')) return left;
    const checked = this.condition(left);
    this.advance();
    return { kind: 'or', left: checked, right: this.condition(this.disjunction()) };
  }

  private conjunction(): Node {
    const left = this.negation();
    if (!this.isKeyword('AND')) return left;
    const checked = this.condition(left);
    this.advance();
    return { kind: 'and', left: checked, right: this.condition(this.conjunction()) };
  }

  private negation(): Node {
    if (!this.acceptKeyword('NOT')) return this.comparison();
    return { kind: 'not', condition: this.condition(this.comparison()) };
  }

  private comparison(): Node {
    const left = this.primary();
    const node = this.comparisonWith(left);
    if (node !== left || node.kind === 'function') this.clause++;
    return node;
  }

  private comparisonWith(left: Node): Node {
    if (this.token.kind === 'symbol' && COMPARATORS.includes(this.token.text)) {
      const subject = this.operand(left);
      const operator = this.advance().text as Comparator;
      const right = this.operand(this.primary());
      this.checkDistinct(operator, [subject, right]);
      if (operator !== '=' && operator !== '<>') this.checkOrdered(operator, [subject, right]);
      return { kind: 'comparison', operator, left: subject, right };
    }
    if (this.isKeyword('BETWEEN')) {
      const operand = this.operand(left);
      this.advance();
      const low = this.operand(this.primary());
      if (!this.acceptKeyword('AND')) throw this.syntaxError();
      const high = this.operand(this.primary());
      this.checkOrdered('BETWEEN', [operand, low, high]);
      this.checkBounds(low, high);
      return { kind: 'between', operand, low, high };
    }
    if (this.isKeyword('IN')) {
      const operand = this.operand(left);
      this.advance();
      this.expect('(');
      return { kind: 'in', operand, candidates: this.operands() };
    }
    return left;
  }

  private primary(): Node {
    if (this.accept('(')) {
      const node = this.disjunction();
      this.expect(')');
      if (this.inParentheses.has(node)) this.note(this.ranks.parentheses, 'The expression has redundant parentheses;');
      this.inParentheses.add(node);
      return node;
    }
    if (this.token.kind === 'value') return this.value();
    if (this.isKeyword('AND', 'OR', 'NOT', 'BETWEEN', 'IN')) throw this.syntaxError();
    if (this.token.kind === 'name' && this.nextToken?.text === '(') return this.call();
    return { kind: 'path', path: this.path() };
  }

  private call(): Node {
    const name = this.advance().text;
    this.expect('(');
    const operands = this.operands();
    this.checkCall(name, operands);
    return name === 'size' ? { kind: 'size', operands } : { kind: 'function', name, operands };
  }

  private operands(): readonly Operand[] {
    const operands = [this.operand(this.primary())];
    while (this.accept(',')) operands.push(this.operand(this.primary()));
    this.expect(')');
    return operands;
  }

  /** A function other than size() gives no value to compare. */
  private operand(node: Node): Operand {
    if (isOperand(node)) return node;
    if (node.kind !== 'function') throw this.syntaxError();
    this.note(this.ranks.misuse, `The function is not allowed to be used this way in an expression; function: ${node.name}`);
    return { kind: 'size', operands: node.operands };
  }

  /** A value is no condition. */
  private condition(node: Node): Condition {
    if (!isOperand(node)) return node;
    if (node.kind !== 'size') throw this.syntaxError();
    this.note(this.ranks.misuse, 'The function is not allowed to be used this way in an expression; function: size');
    return { kind: 'function', name: 'attribute_exists', operands: node.operands };
  }

  private checkCall(name: string, operands: readonly Operand[]): void {
    if (!Object.hasOwn(ARITY, name)) {
      this.note(this.ranks.functionName, `Invalid function name; function: ${name}`);
      return;
    }
    if (operands.length !== ARITY[name]) {
      this.note(
        this.ranks.arity,
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
      );
      return;
    }
    this.checkDistinct(name, operands);
    const [first, second] = operands;
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      if (first.kind !== 'path') {
        this.note(this.ranks.type, `Operator or function requires a document path; operator or function: ${name}`);
      }
    } else if (name === 'begins_with') {
      this.checkTypes(name, operands, (type) => type === 'S' || type === 'B');
    } else if (name === 'size') {
      this.checkTypes(name, operands, (type) => type !== 'N' && type !== 'BOOL' && type !== 'NULL');
    } else if (name === 'attribute_type') {
      this.checkTypeName(second);
    }
  }

  private checkTypeName(operand: Operand): void {
    const name = 'attribute_type';
    if (operand.kind !== 'value') {
      this.note(this.ranks.type, `${incorrectType(name)}{NS,SS,L,BS,N,M,B,BOOL,NULL,S}`);
    } else if (!('S' in operand.value)) {
      this.note(this.ranks.type, `${incorrectType(name)}${typeOf(operand.value)}`);
    } else if (!TYPE_NAMES.includes(operand.value.S)) {
      this.note(
        this.ranks.type,
        `Invalid attribute type name found; type: ${operand.value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
      );
    }
  }

  private checkTypes(operator: string, operands: readonly Operand[], allowed: (type: AttributeType) => boolean): void {
    const wrong = operands.map(staticType).find((type) => type !== undefined && !allowed(type));
    if (wrong) this.note(this.ranks.type, `${incorrectType(operator)}${wrong}`);
  }

  private checkOrdered(operator: string, operands: readonly Operand[]): void {
    this.checkTypes(operator, operands, isOrdered);
  }

  private checkDistinct(operator: string, [first, second]: readonly Operand[]): void {
    if (first?.kind === 'path' && second?.kind === 'path' && samePath(first.path, second.path)) {
      this.note(
        this.ranks.distinct,
        `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${describePath(first.path)}`,
      );
    }
  }

  private checkBounds(low: Operand, high: Operand): void {
    if (low.kind !== 'value' || high.kind !== 'value') return;
    const bounds = `lower bound operand: AttributeValue: ${describeValue(low.value)}, upper bound operand: AttributeValue: ${describeValue(high.value)}`;
    if (typeOf(low.value) !== typeOf(high.value)) {
      this.note(this.ranks.type, `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
    } else if (isOrdered(typeOf(low.value)) && orderOf(low.value) > orderOf(high.value)) {
      this.note(this.ranks.type, `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`);
    }
  }
}

const incorrectType = (operator: string): string =>
  `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: `;

function staticType(operand: Operand): AttributeType | undefined {
  if (operand.kind === 'path') return undefined;
  return operand.kind === 'size' ? 'N' : typeOf(operand.value);
}

function describeValue(value: AttributeValue): string {
  const [[type, content]] = Object.entries(value);
  return `{${type}:${content instanceof Uint8Array ? Buffer.from(content).toString('base64') : content}}`;
}
