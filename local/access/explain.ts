/** Why a call was denied: the statement that denies it, or the one that comes nearest to allowing it, and in what it differs. */
import type { Condition } from './conditions';
import type { Denial } from './evaluate';
import { type Call, matchesActions, matchesResources, partsOf, type Statement } from './policy-document';
import type { Caller } from './principals';
import type { DenialReason, Mismatch, PolicyType, StatementSummary } from './types';

export interface Denied {
  readonly caller: Caller;
  readonly call: Call;
  readonly denial: Denial;
  /** Every statement of the policies that had to allow it, on whatever action. */
  readonly candidates: readonly Statement[];
}

export function explain({ caller, call, denial, candidates }: Denied): DenialReason {
  const { by: policyType, statement } = denial;
  if (statement) {
    const { label, conditions } = statement;
    const where = conditions.map(({ operator, key, expected }) => `${operator} ${key} ${listed(expected)}`).join(' and ');
    const text = `${label}, denies ${grant(statement)}${where && ` where ${where}`}`;
    return { kind: 'denied', policyType, statement: summaryOf(statement), mismatches: [], text };
  }
  const near = nearest(candidates, caller, call);
  if (near === undefined) {
    const text = candidates.length > 0 ? `no ${policyType} has a statement that allows ${call.action}` : missing(policyType, call.resource);
    return { kind: 'not allowed', policyType, mismatches: [], text };
  }
  const mismatches = mismatchesOf(near, caller, call);
  const text = `${near.statement.label}, allows ${grant(near.statement)}, but ${mismatches.map(sentence).join(', and ')}`;
  return { kind: 'not allowed', policyType, statement: summaryOf(near.statement), mismatches, text };
}

function missing(policyType: PolicyType, resource: string): string {
  if (policyType === 'resource-based policy') return `${resource} has no policy, and this call needs one that allows it`;
  return policyType === 'identity-based policy' ? 'the role has no policy' : `the ${policyType} is empty`;
}

/** What one statement makes of a call. */
interface Comparison {
  readonly statement: Statement;
  readonly principal: boolean;
  readonly action: boolean;
  readonly resource: boolean;
  /** Those that don't hold; they are looked at only where the rest fits. */
  readonly conditions: readonly Condition[];
  /** Compared one by one, the greater the nearer. */
  readonly rank: readonly number[];
}

function nearest(candidates: readonly Statement[], caller: Caller, call: Call): Comparison | undefined {
  let best: Comparison | undefined;
  for (const statement of candidates) {
    const one = statement.effect === 'Allow' ? compare(statement, caller, call) : undefined;
    if (one && (best === undefined || compareRanks(best.rank, one.rank) < 0)) best = one;
  }
  return best;
}

/** What has neither the action nor the resource in common with the call is no near miss. */
function compare(statement: Statement, caller: Caller, call: Call): Comparison | undefined {
  const principal = statement.principal === undefined || statement.principal(caller) !== undefined;
  const action = matchesActions(statement.actions, call.actionKey);
  const resource = matchesResources(statement.resources, call);
  if (!action && !(resource && isOfService(statement, call))) return undefined;
  const conditions = principal && action && resource ? statement.conditions.filter((condition) => !condition.holds(call.context)) : [];
  const likeness = Math.max(...statement.resources.patterns.map(({ text }) => commonStart(text, call.resource)));
  const rank = [Number(action && resource), Number(principal), Number(action), -conditions.length, likeness];
  return { statement, principal, action, resource, conditions, rank };
}

function mismatchesOf({ statement, principal, action, resource, conditions }: Comparison, caller: Caller, call: Call): Mismatch[] {
  const found: Mismatch[] = [];
  if (!principal) found.push({ element: 'Principal', expected: statement.principals, actual: nameOf(caller) });
  if (!action) found.push({ element: 'Action', expected: partsOf(statement.actions), actual: call.action });
  if (!resource) found.push({ element: 'Resource', expected: partsOf(statement.resources), actual: call.resource });
  for (const { operator, key, expected } of conditions) {
    const actual = call.context.values(key.toLowerCase());
    found.push({ element: 'Condition', operator, key, expected, ...(actual && { actual }) });
  }
  return found;
}

function isOfService({ actions }: Statement, { actionKey }: Call): boolean {
  const service = actionKey.slice(0, actionKey.indexOf(':') + 1);
  return actions.patterns.some(({ text }) => text.toLowerCase().startsWith(service));
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function nameOf(caller: Caller): string {
  return caller.kind === 'service' ? caller.service : caller.roleArn;
}

function summaryOf({ label, effect, actions, resources, principal, principals }: Statement): StatementSummary {
  return { label, effect, actions: partsOf(actions), resources: partsOf(resources), ...(principal && { principals }) };
}

function grant({ actions, resources, principal, principals }: Statement): string {
  return `${listed(partsOf(actions))} on ${listed(partsOf(resources))}${principal ? ` to ${listed(principals)}` : ''}`;
}

function sentence(mismatch: Mismatch): string {
  if (mismatch.element === 'Condition') {
    const { operator, key, expected, actual } = mismatch;
    const has = actual === undefined ? "doesn't have that key" : `has ${listed(actual)}`;
    return `its condition ${operator} ${key} is ${listed(expected)} and the call ${has}`;
  }
  const { element, actual } = mismatch;
  return element === 'Principal' ? `${actual} calls` : element === 'Action' ? `the call is ${actual}` : `the call is on ${actual}`;
}

const MOST = 4;

/** A long list is cut: the whole of it is in the summary. */
function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST).join(', ');
  return texts.length > MOST ? `${shown} and ${texts.length - MOST} more` : shown;
}
