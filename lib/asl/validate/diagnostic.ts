/** A finding, as ValidateStateMachineDefinition gives it. An error means that AWS refuses the definition; a warning that it will fail when it runs. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  /** "SCHEMA_VALIDATION_FAILED" and so on. */
  readonly code: string;
  readonly message: string;
  /** Such as `/States/Wait/Timestamp`. */
  readonly location?: string;
}

export const SCHEMA = 'SCHEMA_VALIDATION_FAILED';
export const TRANSITION = 'MISSING_TRANSITION_TARGET';

/** Collects findings. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];

  error(location: string, message: string, code: string = SCHEMA): void {
    this.diagnostics.push({ severity: 'ERROR', code, message, location });
  }

  warning(location: string, message: string, code: string = SCHEMA): void {
    this.diagnostics.push({ severity: 'WARNING', code, message, location });
  }
}

/** The text of CreateStateMachine's InvalidDefinition exception. */
export function invalidDefinitionMessage(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((d) => d.severity === 'ERROR');
  return `Invalid State Machine Definition: '${errors.map((d) => `${d.code}: ${d.message}${d.location === undefined ? '' : ` at ${d.location}`}`).join(', ')}'`;
}
