/** The roles and what is attached to them. */
import type { PolicyDocument } from '../cloud-types';
import type { Limit } from './evaluate';
import { awsManagedPolicy } from './managed-policies';
import { compilePolicy, matchesActions, type Statement } from './policy-document';
import { trustedServices } from './principals';
import type { RoleDefinition } from './types';

export interface AttachedPolicy {
  readonly statements: readonly Statement[];
  readonly awsManaged: boolean;
}

export interface RolePolicies {
  readonly attached: readonly AttachedPolicy[];
  /** The statements that speak of an action. */
  statementsOn(actionKey: string): readonly Statement[];
  readonly limits: readonly Limit[];
  /** Managed policies whose text isn't known. */
  readonly unknown: readonly string[];
}

export interface Role {
  readonly definition: RoleDefinition;
  /** What every report calls it. */
  readonly name: string;
  /** The services that may assume it. */
  readonly services: ReadonlySet<string>;
}

export class Roles {
  readonly #roles = new Map<string, Role>();
  readonly #inline = new Map<string, Map<string, AttachedPolicy>>();
  readonly #managed = new Map<string, { readonly document: PolicyDocument; readonly path: string }>();
  /** Compiled for each role anew, because use is counted for each role. */
  readonly #compiled = new Map<string, RolePolicies>();

  constructor(readonly region: string) {}

  get all(): readonly Role[] {
    return [...this.#roles.values()];
  }

  put(definition: RoleDefinition): void {
    this.#roles.set(definition.arn, {
      definition,
      name: definition.path || roleName(definition.arn),
      services: trustedServices(definition.trust, this.region),
    });
    this.#compiled.delete(definition.arn);
  }

  putInline(roleArn: string, policyName: string, document: PolicyDocument, path: string): void {
    const policies = this.#inline.get(roleArn) ?? new Map<string, AttachedPolicy>();
    policies.set(policyName, { statements: this.#compile(document, path), awsManaged: false });
    this.#inline.set(roleArn, policies);
    this.#compiled.delete(roleArn);
  }

  putManaged(policyArn: string, document: PolicyDocument, path: string): void {
    this.#managed.set(policyArn, { document, path });
    this.#compiled.clear();
  }

  get(arn: string): Role {
    const role = this.#roles.get(arn);
    if (role === undefined) throw new Error(`The role ${arn} isn't in this assembly, so what it may do isn't known.`);
    return role;
  }

  /** What reports call a role, whether it is in this assembly or not. */
  nameOf(arn: string): string {
    return this.#roles.get(arn)?.name ?? roleName(arn);
  }

  policiesOf({ definition }: Role): RolePolicies {
    const known = this.#compiled.get(definition.arn);
    if (known) return known;
    const attached = [...(this.#inline.get(definition.arn)?.values() ?? [])];
    const unknown: string[] = [];
    for (const arn of new Set(definition.managedPolicyArns)) {
      const aws = awsManagedPolicy(arn);
      const own = this.#managed.get(arn);
      if (aws) attached.push({ statements: this.#compile(aws, arn), awsManaged: true });
      else if (own) attached.push({ statements: this.#compile(own.document, own.path), awsManaged: false });
      else unknown.push(arn);
    }
    const policies: RolePolicies = {
      attached,
      statementsOn: byAction(attached.flatMap((policy) => policy.statements)),
      limits: definition.permissionsBoundary
        ? [
            {
              type: 'permissions boundary',
              statements: this.#compile(definition.permissionsBoundary, `permissions boundary of ${definition.path}`),
            },
          ]
        : [],
      unknown,
    };
    this.#compiled.set(definition.arn, policies);
    return policies;
  }

  #compile(document: PolicyDocument, label: string): readonly Statement[] {
    return compilePolicy(document, { kind: 'identity', label, region: this.region });
  }
}

function byAction(statements: readonly Statement[]): RolePolicies['statementsOn'] {
  const found = new Map<string, readonly Statement[]>();
  return (actionKey) => {
    const known = found.get(actionKey) ?? statements.filter((statement) => matchesActions(statement.actions, actionKey));
    found.set(actionKey, known);
    return known;
  };
}

/** Without its path. */
export function roleName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
