import type { AttributeValue } from './attribute-value';
import type { DocumentPath } from './document-path';
import { validationError } from './errors';
import { type Token, tokenize } from './expression-lexer';
import type { Placeholders } from './placeholders';
import { isReservedWord } from './reserved-words';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters */
const MAX_EXPRESSION_SIZE = 4096;

export interface PathOperand {
  readonly kind: 'path';
  readonly path: DocumentPath;
}

export interface ValueOperand {
  readonly kind: 'value';
  readonly value: AttributeValue;
}

/**
 * What the parsers of the four kinds of expression share: tokens, paths, placeholders.
 *
 * A syntax error ends parsing. Everything else that is wrong is noted with a rank and the lowest rank is reported at the end, for
 * DynamoDB reports by class of error (a reserved word anywhere comes before an undefined placeholder anywhere) and not by position.
 */
export abstract class ExpressionParser {
  private readonly tokens: readonly Token[];
  private readonly faults: { readonly rank: number; readonly message: string }[] = [];
  private position = 0;

  constructor(
    private readonly parameter: string,
    private readonly expression: string,
    private readonly placeholders: Placeholders,
  ) {
    if (expression === '') throw this.invalid('The expression can not be empty;');
    const size = Buffer.byteLength(expression);
    if (size > MAX_EXPRESSION_SIZE) {
      throw this.invalid(`Expression size has exceeded the maximum allowed size; expression size: ${size}`);
    }
    this.tokens = tokenize(expression);
  }

  protected abstract readonly ranks: { readonly reserved: number; readonly name: number; readonly value: number };

  protected get token(): Token {
    return this.tokens[this.position];
  }

  protected get nextToken(): Token | undefined {
    return this.tokens[this.position + 1];
  }

  protected advance(): Token {
    return this.tokens[this.position++];
  }

  protected accept(symbol: string): boolean {
    if (this.token.kind !== 'symbol' || this.token.text !== symbol) return false;
    this.position++;
    return true;
  }

  protected expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.syntaxError();
  }

  protected isKeyword(...keywords: readonly string[]): boolean {
    return this.token.kind === 'name' && keywords.includes(this.token.text.toUpperCase());
  }

  protected acceptKeyword(keyword: string): boolean {
    if (!this.isKeyword(keyword)) return false;
    this.position++;
    return true;
  }

  /** Names the token and its neighbours. */
  protected syntaxError(): Error {
    const near = this.expression.slice(
      this.tokens[this.position - 1]?.start ?? this.token.start,
      (this.nextToken?.kind === 'end' ? this.token : (this.nextToken ?? this.token)).end,
    );
    return this.invalid(`Syntax error; token: "${this.token.text}", near: "${near.trimEnd()}"`);
  }

  protected invalid(message: string): Error {
    return validationError(`Invalid ${this.parameter}: ${message}`);
  }

  protected note(rank: number, message: string): void {
    this.faults.push({ rank, message });
  }

  protected finish(): void {
    if (this.token.kind !== 'end') throw this.syntaxError();
    const [first] = [...this.faults].sort((a, b) => a.rank - b.rank);
    if (first) throw this.invalid(first.message);
  }

  protected path(): DocumentPath {
    const path: (string | number)[] = [this.pathName()];
    for (;;) {
      if (this.accept('.')) path.push(this.pathName());
      else if (this.accept('[')) {
        if (this.token.kind !== 'index') throw this.syntaxError();
        path.push(Number(this.advance().text));
        this.expect(']');
      } else return path;
    }
  }

  protected value(): ValueOperand {
    if (this.token.kind !== 'value') throw this.syntaxError();
    const alias = this.advance().text;
    const value = this.placeholders.value(alias);
    if (!value) {
      this.note(this.ranks.value, `An expression attribute value used in expression is not defined; attribute value: ${alias}`);
    }
    return { kind: 'value', value: value ?? { NULL: true } };
  }

  private pathName(): string {
    const { kind, text } = this.token;
    if (kind === 'name' && /^[A-Za-z]/.test(text)) {
      if (isReservedWord(text)) this.note(this.ranks.reserved, `Attribute name is a reserved keyword; reserved keyword: ${text}`);
      return this.advance().text;
    }
    if (kind !== 'alias') throw this.syntaxError();
    this.advance();
    const name = this.placeholders.name(text);
    if (name === undefined) {
      this.note(this.ranks.name, `An expression attribute name used in the document path is not defined; attribute name: ${text}`);
    }
    return name ?? text;
  }
}
