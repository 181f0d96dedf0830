/** Arithmetic on metrics. Of metric math it knows numbers, ids, + - * / ( ) and FILL. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */

/** Undefined where there is no data point. */
export type Values = (id: string) => number | undefined;
export type Expression = (values: Values) => number | undefined;

/** Undefined for what isn't known here. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z]\w*|[-+*/(),]|\S/g) ?? [];
  let at = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string): void => {
    if (!take(token)) throw new SyntaxError(token);
  };

  function sum(): Expression {
    let left = product();
    for (;;) {
      if (take('+')) left = both(left, product(), (a, b) => a + b);
      else if (take('-')) left = both(left, product(), (a, b) => a - b);
      else return left;
    }
  }
  function product(): Expression {
    let left = operand();
    for (;;) {
      if (take('*')) left = both(left, operand(), (a, b) => a * b);
      // "Any division by zero gives no data point."
      else if (take('/')) left = both(left, operand(), (a, b) => (b === 0 ? undefined : a / b));
      else return left;
    }
  }
  function operand(): Expression {
    if (take('-')) {
      const inner = operand();
      return (values) => negative(inner(values));
    }
    if (take('(')) {
      const inner = sum();
      expect(')');
      return inner;
    }
    const token = tokens[at++] ?? '';
    if (/^\d/.test(token)) return () => Number(token);
    if (token === 'FILL') return fill();
    if (/^[a-z]\w*$/.test(token)) return (values) => values(token);
    throw new SyntaxError(token);
  }
  function fill(): Expression {
    expect('(');
    const inner = sum();
    expect(',');
    const other = sum();
    expect(')');
    return (values) => inner(values) ?? other(values);
  }

  try {
    const parsed = sum();
    return at === tokens.length ? parsed : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function both(left: Expression, right: Expression, combine: (a: number, b: number) => number | undefined): Expression {
  return (values) => {
    const [a, b] = [left(values), right(values)];
    return a === undefined || b === undefined ? undefined : combine(a, b);
  };
}

function negative(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}
