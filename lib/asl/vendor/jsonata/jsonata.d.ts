// The part of jsonata 2.2.2 (MIT, see LICENSE) that Stepworks uses. In jsonata.js, three places say that they are changed.
declare function jsonata(expression: string, options?: jsonata.Options): jsonata.Expression;
declare namespace jsonata {
  interface Options {
    /** Depth of nested evaluations. */
    stack?: number;
    /** Length of a result sequence. */
    sequence?: number;
    /** Milliseconds of real time. */
    timeout?: number;
    /** What matches regular expressions, in the place of RegExp. */
    RegexEngine?: new (pattern: RegExp) => Pick<RegExp, 'exec' | 'lastIndex'>;
  }
  interface Expression {
    evaluate(input: unknown, bindings?: Record<string, unknown>): Promise<unknown>;
    assign(name: string | symbol, value: unknown): void;
    registerFunction(name: string, implementation: (this: Focus, ...args: never[]) => unknown, signature?: string): void;
    ast(): AstNode;
  }
  interface Focus {
    readonly environment: Frame;
    readonly input: unknown;
  }
  interface Frame {
    lookup(name: string | symbol): unknown;
    readonly base?: Frame;
  }
  interface AstNode {
    readonly type: string;
    readonly value?: unknown;
    readonly [member: string]: unknown;
  }
}
export = jsonata;
