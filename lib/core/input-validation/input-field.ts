/** What a field of a workflow's input must be. */
export interface InputFieldOptions {
  /** Whether the field may be left out. Null is never accepted: leave the field out. @default false */
  readonly optional?: boolean;
}

/** What a text must be. */
export interface StringFieldOptions extends InputFieldOptions {
  /** Fewest characters. @default 1 */
  readonly minLength?: number;
  /** Most characters. @default 256 */
  readonly maxLength?: number;
  /** A regular expression, in the syntax that JSONata takes, for the whole text. @default - any text */
  readonly pattern?: string;
  /** What the pattern stands for, in words that the caller understands, such as "a date, YYYY-MM-DD". @default - the pattern itself */
  readonly format?: string;
  /** The only texts that are allowed. @default - any text */
  readonly oneOf?: string[];
}

/** What a number must be. */
export interface NumberFieldOptions extends InputFieldOptions {
  /** The smallest number that is allowed. @default - no limit */
  readonly min?: number;
  /** The largest number that is allowed. @default - no limit */
  readonly max?: number;
  /** Whether only whole numbers are allowed. @default false */
  readonly integer?: boolean;
}

/** What a list must be. */
export interface ArrayFieldOptions extends InputFieldOptions {
  /** Fewest items. @default 0 */
  readonly minItems?: number;
  /** Most items. @default 1000 */
  readonly maxItems?: number;
}

/**
 * One field of a workflow's input. The first state of the workflow checks all of them and ends it with `InvalidInput`, naming every
 * problem, before anything is touched.
 */
export class InputField {
  /** A text. Its length is limited: an input that fits nowhere is refused at the door. */
  public static ofString(options: StringFieldOptions = {}): InputField {
    const { minLength = 1, maxLength = 256, pattern, format, oneOf } = options;
    const rules: Rule[] = [
      {
        fails: (v) => `$length(${v}) < ${minLength}`,
        says: (v) => `'has ' & $string($length(${v})) & ' characters, at least ${minLength} needed'`,
      },
      {
        fails: (v) => `$length(${v}) > ${maxLength}`,
        says: (v) => `'has ' & $string($length(${v})) & ' characters, at most ${maxLength} allowed'`,
      },
    ];
    if (pattern !== undefined) {
      assertPattern(pattern);
      rules.push({
        fails: (v) => `$not($contains(${v}, /^(?:${pattern.replaceAll('/', '\\/')})$/))`,
        says: () => text(`is not ${format ?? `of the form ${pattern}`}`),
      });
    }
    if (oneOf !== undefined) {
      if (oneOf.length === 0) throw new Error('oneOf is empty: name at least one allowed text');
      rules.push({ fails: (v) => `$not(${v} in [${oneOf.map(text).join(', ')}])`, says: () => text(`is none of: ${oneOf.join(', ')}`) });
    }
    return new InputField('string', 'a text', rules, options.optional ?? false);
  }

  /** A number. */
  public static ofNumber(options: NumberFieldOptions = {}): InputField {
    const { min, max, integer } = options;
    const rules: Rule[] = [];
    if (integer) rules.push({ fails: (v) => `$floor(${v}) != ${v}`, says: () => text('is not a whole number') });
    if (min !== undefined) rules.push({ fails: (v) => `${v} < ${min}`, says: () => text(`is less than ${min}`) });
    if (max !== undefined) rules.push({ fails: (v) => `${v} > ${max}`, says: () => text(`is more than ${max}`) });
    return new InputField('number', 'a number', rules, options.optional ?? false);
  }

  /** True or false. */
  public static ofBoolean(options: InputFieldOptions = {}): InputField {
    return new InputField('boolean', 'true or false', [], options.optional ?? false);
  }

  /** An object with fields of its own. Fields that are not named here are let through. */
  public static ofObject(fields: { [name: string]: InputField }, options: InputFieldOptions = {}): InputField {
    return new InputField('object', 'an object', [], options.optional ?? false, fields);
  }

  /** A list. Its items are not checked. */
  public static ofArray(options: ArrayFieldOptions = {}): InputField {
    const { minItems = 0, maxItems = 1000 } = options;
    return new InputField(
      'array',
      'a list',
      [
        {
          fails: (v) => `$count(${v}) < ${minItems}`,
          says: (v) => `'has ' & $string($count(${v})) & ' items, at least ${minItems} needed'`,
        },
        {
          fails: (v) => `$count(${v}) > ${maxItems}`,
          says: (v) => `'has ' & $string($count(${v})) & ' items, at most ${maxItems} allowed'`,
        },
      ],
      options.optional ?? false,
    );
  }

  private constructor(
    private readonly type: string,
    private readonly typeInWords: string,
    private readonly rules: Rule[],
    private readonly optional: boolean,
    private readonly fields: { [name: string]: InputField } = {},
  ) {}

  /**
   * A JSONata expression that gives the problems of the value at `path` as one text, each preceded by "; ", and an empty text or
   * nothing when there are none. It says of which type a wrong value is, never the value: inputs hold people's data, and causes are
   * logged.
   *
   * @param path JSONata path of the value
   * @param name what the value is called in a problem; empty for the input itself
   * @internal
   */
  public _problems(path: string, name: string): string {
    const subject = `; ${name || 'the input'}: `;
    const rules = this.rules.map((rule) => `(${rule.fails('$v')} ? ${text(subject)} & ${rule.says('$v')})`);
    const nested = Object.entries(this.fields).map(([key, field]) => field._problems(`$v.${quote(key)}`, name ? `${name}.${key}` : key));
    const sound = ['""', ...rules, ...nested].join(' & ');
    return (
      `( $v := ${path}; $t := $type($v); ` +
      `$not($exists($v)) ? ${this.optional ? '""' : text(`${subject}is missing`)} : ` +
      `$t != ${text(this.type)} ? ${text(`${subject}must be ${this.typeInWords}, is `)} & $t : ${sound} )`
    );
  }
}

interface Rule {
  /** A JSONata condition. */
  fails(value: string): string;
  /** A JSONata text that follows the field's name. */
  says(value: string): string;
}

/** A JSONata string literal. */
function text(value: string): string {
  return JSON.stringify(value);
}

/** A JSONata field name. */
function quote(name: string): string {
  if (name.includes('`')) throw new Error(`the field name ${JSON.stringify(name)} has a backtick, which JSONata can't quote`);
  return `\`${name}\``;
}

function assertPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    throw new Error(`pattern ${JSON.stringify(pattern)} is not a regular expression: ${(error as Error).message}`);
  }
}
