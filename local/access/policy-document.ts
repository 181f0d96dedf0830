/**
 * Policy documents, checked and compiled.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import type { PolicyDocument, PolicyStatement } from '../cloud-types';
import { type Condition, type Context, compileConditions, listOf } from './conditions';
import { compilePattern, type Lookup, type Pattern } from './pattern';
import { compilePrincipals, type PrincipalTest, principalsOf } from './principals';

export interface Statement {
  /** Which statement of which policy, for people. */
  readonly label: string;
  /** The same for the same text in the same place, however often it is compiled: use is counted by it. */
  readonly key: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: PatternList;
  readonly resources: PatternList;
  /** In a resource's policy. */
  readonly principal?: PrincipalTest;
  /** What `principal` looks at, as the policy has it. */
  readonly principals: readonly string[];
  readonly conditions: readonly Condition[];
  /** Whether it holds depends on the action, the resource and the caller only, not on the condition keys of the call. */
  readonly isPlain: boolean;
}

/** `Action` or `NotAction`, `Resource` or `NotResource`. */
export interface PatternList {
  readonly patterns: readonly Pattern[];
  readonly negated: boolean;
}

export interface Call {
  readonly action: string;
  /** The action in lower case: actions are case-insensitive. */
  readonly actionKey: string;
  readonly resource: string;
  readonly context: Context;
  readonly lookup: Lookup;
}

export type PolicyKind = 'identity' | 'resource' | 'trust';

export interface CompileOptions {
  readonly kind: PolicyKind;
  readonly label: string;
  readonly region: string;
}

export function compilePolicy(document: PolicyDocument, options: CompileOptions): readonly Statement[] {
  // Without this version a policy has no variables. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
  const variables = document.Version === '2012-10-17';
  return listOf(document.Statement).map((statement, index): Statement => {
    const label = `${options.label}, statement ${statement.Sid ?? index + 1}`;
    try {
      check(statement, options.kind);
      return {
        label,
        key: `${label}\n${JSON.stringify(statement)}`,
        effect: statement.Effect,
        actions: compileActions(statement),
        resources: compileResources(statement, variables),
        principal: options.kind === 'identity' ? undefined : compilePrincipals(statement, options.region),
        principals: principalsOf(statement),
        conditions: compileConditions(statement.Condition, variables),
        isPlain: statement.Condition === undefined && !JSON.stringify(statement).includes('${'),
      };
    } catch (error) {
      throw new Error(`${label}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** Does the statement speak of this call? (Of its principal, `principal` tells.) */
export function applies(statement: Statement, call: Call): boolean {
  return (
    matchesActions(statement.actions, call.actionKey) &&
    matchesResources(statement.resources, call) &&
    statement.conditions.every((condition) => condition.holds(call.context))
  );
}

/** What a list grants, part by part. What `NotAction` or `NotResource` grants has one part only: the rest. */
export function partsOf({ patterns, negated }: PatternList): readonly string[] {
  const texts = patterns.map((pattern) => pattern.text);
  return negated ? [`all but ${texts.join(', ')}`] : texts;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html */
export function matchesActions({ patterns, negated }: PatternList, actionKey: string): boolean {
  return patterns.some((pattern) => pattern.matches(actionKey, noVariables)) !== negated;
}

const noVariables = () => undefined;

export function matchesResources({ patterns, negated }: PatternList, call: Call): boolean {
  return patterns.some((pattern) => pattern.matches(call.resource, call.lookup)) !== negated;
}

function compileActions(statement: PolicyStatement): PatternList {
  const negated = statement.Action === undefined;
  const patterns = listOf(negated ? statement.NotAction : statement.Action).map((text) => {
    if (text !== '*' && !/^[\w-]+:\S+$/.test(text))
      throw new Error(`MalformedPolicyDocument: the action "${text}" has no service before it.`);
    return { ...compilePattern(text.toLowerCase(), { wildcards: 'text' }), text };
  });
  return { patterns, negated };
}

function compileResources(statement: PolicyStatement, variables: boolean): PatternList {
  const negated = statement.NotResource !== undefined;
  const texts = negated ? statement.NotResource : (statement.Resource ?? '*');
  const patterns = listOf(texts).map((text) => {
    checkResource(text, variables);
    return compilePattern(text, { wildcards: 'resource', variables });
  });
  return { patterns, negated };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and …_variables.html */
function checkResource(text: string, variables: boolean): void {
  if (text === '*') return;
  if (!text.startsWith('arn:')) throw new Error(`MalformedPolicyDocument: the resource "${text}" must be an ARN or "*".`);
  const [, , service = '', ...rest] = text.split(':');
  if (/[*?]/.test(service)) throw new Error(`MalformedPolicyDocument: the resource "${text}" must not have wildcards in its service.`);
  const beforeResource = [service, ...rest.slice(0, 2)].join(':');
  if (variables && beforeResource.includes('${')) {
    throw new Error(`MalformedPolicyDocument: the resource "${text}" may have policy variables after its fifth colon only.`);
  }
}

function check(statement: PolicyStatement, kind: PolicyKind): void {
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal } = statement;
  const given = (...elements: readonly unknown[]) => elements.filter((element) => element !== undefined).length;
  const refuse = (what: string): never => {
    throw new Error(`MalformedPolicyDocument: ${what}.`);
  };
  if (Effect !== 'Allow' && Effect !== 'Deny') refuse('Effect must be Allow or Deny');
  if (given(Action, NotAction) !== 1) refuse('a statement needs Action or NotAction');
  if (given(Resource, NotResource) !== (kind === 'trust' ? 0 : 1)) {
    refuse(kind === 'trust' ? 'a trust policy has no Resource' : 'a statement needs Resource or NotResource');
  }
  if (given(Principal, NotPrincipal) !== (kind === 'identity' ? 0 : 1)) {
    refuse(kind === 'identity' ? "a role's policy has no Principal" : 'a statement needs Principal or NotPrincipal');
  }
  if (NotPrincipal !== undefined && Effect === 'Allow') refuse('NotPrincipal goes with Deny only');
}
