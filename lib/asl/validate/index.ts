import type { Json } from '../json';
import { isObject } from '../json';
import { type Diagnostic, Findings } from './diagnostic';
import { jsonSyntaxError } from './json-syntax';
import { validateMachine } from './workflow';

export { type Diagnostic, invalidDefinitionMessage } from './diagnostic';

export interface ValidationOptions {
  /** @default STANDARD */
  readonly type?: 'STANDARD' | 'EXPRESS';
}

/**
 * What AWS says of a definition, given as an object or as its JSON text: errors refuse it, warnings tell what is bound to fail when it runs.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
 */
export function validateDefinition(definition: unknown, options: ValidationOptions = {}): Diagnostic[] {
  const parsed = typeof definition === 'string' ? parse(definition) : { value: definition as Json };
  if ('diagnostic' in parsed) return [parsed.diagnostic];
  if (!isObject(parsed.value)) return [NOT_AN_OBJECT];
  const findings = new Findings();
  validateMachine(parsed.value, options.type ?? 'STANDARD', findings);
  return findings.diagnostics;
}

/** Whether AWS would accept the definition. */
export function isAccepted(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.every((d) => d.severity !== 'ERROR');
}

const NOT_AN_OBJECT: Diagnostic = {
  severity: 'ERROR',
  code: 'SCHEMA_VALIDATION_FAILED',
  message: 'Definition must be a valid JSON object',
};

function parse(text: string): { value: Json } | { diagnostic: Diagnostic } {
  if (text.trim() === '') return { diagnostic: NOT_AN_OBJECT };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { diagnostic: jsonSyntaxError(text) };
  }
}
