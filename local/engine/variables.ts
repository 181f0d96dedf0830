import type { Json, JsonObject } from '../../lib/asl/json';

/**
 * Workflow variables. A branch or an iteration reads those of the workflow around it and writes its own.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope
 */
export class Variables {
  private readonly own = new Map<string, Json>();

  constructor(private readonly outer?: Variables) {}

  get(name: string): Json | undefined {
    return this.own.has(name) ? this.own.get(name) : this.outer?.get(name);
  }

  assign(values: JsonObject): void {
    for (const [name, value] of Object.entries(values)) this.own.set(name, value);
  }

  /** All that can be seen from here. */
  all(): JsonObject {
    return { ...this.outer?.all(), ...Object.fromEntries(this.own) };
  }
}
