import type { Json, JsonObject } from '../../lib/asl/json';

/**
 * Workflow variables. A branch or an iteration reads those of the workflow around it and writes its own.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope
 */
export class Variables {
  private readonly own = new Map<string, { readonly value: Json; readonly bytes: number }>();

  constructor(private readonly outer?: Variables) {}

  get(name: string): Json | undefined {
    const found = this.own.get(name);
    return found ? found.value : this.outer?.get(name);
  }

  /** @param texts the values as JSON */
  assign(values: JsonObject, texts: VariableTexts): void {
    for (const [name, value] of Object.entries(values)) this.own.set(name, { value, bytes: bytesOf(texts[name]) });
  }

  /** All that can be seen from here. */
  all(): JsonObject {
    return { ...this.outer?.all(), ...Object.fromEntries([...this.own].map(([name, { value }]) => [name, value])) };
  }

  /** Bytes of all that can be seen from here, once these have been assigned. */
  bytesWith(texts: VariableTexts): number {
    const kept = [...this.own].filter(([name]) => !Object.hasOwn(texts, name));
    return (this.outer?.bytesWith({}) ?? 0) + kept.reduce((sum, [, { bytes }]) => sum + bytes, 0) + bytesOf(...Object.values(texts));
  }
}

/** Variables' values as JSON, by their names. */
export type VariableTexts = Readonly<Record<string, string>>;

export function variableTexts(values: JsonObject): VariableTexts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}

export function bytesOf(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text, 'utf8'), 0);
}
