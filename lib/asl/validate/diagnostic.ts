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
const NO_END = 'MISSING_END_STATE';

/** Told after all others. */
const LAST = [TRANSITION, NO_END];

/** Collects findings. */
export class Findings {
  private readonly found: Diagnostic[] = [];

  /** In AWS's order: where the transitions lead comes after what the states are. */
  get diagnostics(): Diagnostic[] {
    const rank = ({ code }: Diagnostic) => LAST.indexOf(code);
    return [...this.found].sort((a, b) => rank(a) - rank(b));
  }

  error(location: string, message: string, code: string = SCHEMA): void {
    this.found.push({ severity: 'ERROR', code, message, location });
  }

  noEnd(): void {
    this.found.push({ severity: 'ERROR', code: NO_END, message: 'Workflow has no terminal state' });
  }

  warning(location: string, message: string, code: string = SCHEMA): void {
    this.found.push({ severity: 'WARNING', code, message, location });
  }
}

/** The text of CreateStateMachine's InvalidDefinition exception; a place that there isn't is Java's null. */
export function invalidDefinitionMessage(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((d) => d.severity === 'ERROR');
  return `Invalid State Machine Definition: '${errors.map((d) => `${d.code}: ${d.message} at ${d.location ?? null}`).join(', ')}'`;
}
