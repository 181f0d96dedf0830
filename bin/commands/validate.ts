import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAccepted, validateDefinition } from '../../lib/asl/validate';
import { loadAssembly } from '../../local/assembly';
import { definitionsOf, type TemplateDefinition } from '../../local/assembly/definitions';
import { UsageError } from './usage-error';

export interface ValidateOptions {
  readonly source?: string;
  readonly json?: boolean;
}

/** Says what Step Functions would say of definitions when they are deployed. Exit code 0 if it would accept them all, 1 if not. */
export async function validate({ source, json }: ValidateOptions): Promise<number> {
  if (source === undefined) throw new UsageError('validate what? A definition in a file, or the folder that cdk synth wrote');
  const definitions = await definitionsIn(source);
  let accepted = true;
  for (const { path, type, text } of definitions) {
    const findings = validateDefinition(text, { type });
    accepted &&= isAccepted(findings);
    if (json) process.stdout.write(`${JSON.stringify({ stateMachine: path, accepted: isAccepted(findings), findings })}\n`);
    else print(path, findings);
  }
  return accepted ? 0 : 1;
}

function print(path: string, findings: ReturnType<typeof validateDefinition>): void {
  process.stdout.write(`${isAccepted(findings) ? '✓' : '✗'} ${path}\n`);
  for (const { severity, message, location } of findings) {
    process.stdout.write(`    ${severity.toLowerCase()}: ${message}${location === undefined ? '' : ` at ${location}`}\n`);
  }
}

async function definitionsIn(source: string): Promise<TemplateDefinition[]> {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`there is no file or folder '${source}'`);
  if (stats.isFile()) return [{ path: source, type: 'STANDARD', text: readFileSync(source, 'utf8') }];
  if (!existsSync(join(source, 'manifest.json'))) {
    throw new UsageError(`the folder '${source}' holds no manifest.json: give what cdk synth wrote`);
  }
  const definitions = definitionsOf(await loadAssembly(source));
  if (definitions.length === 0) throw new UsageError(`the folder '${source}' holds no state machine`);
  return definitions;
}
