/** A role of `IamApprover`, as the function's environment has it. */
export interface IamRole {
  readonly roleArn: string;
  /** Who acts as the role. Without it, the name of the session says so. */
  readonly approver?: string;
}

/** Which approver a session of a role is. */
export class IamRoles {
  private readonly byName = new Map<string, IamRole>();

  /** @throws if two entries name the same role: whoever acts as it would be two approvers */
  constructor(roles: readonly IamRole[]) {
    for (const role of roles) {
      const [account, resource] = accountAndResource(role.roleArn);
      const name = `${account}/${resource.split('/').at(-1)}`;
      if (this.byName.has(name)) throw new Error(`the role ${role.roleArn} is named twice among the approvers`);
      this.byName.set(name, role);
    }
  }

  /**
   * @param userArn of who signed a request: `arn:aws:sts::123456789012:assumed-role/<name>/<session>` of a role, whose path isn't in it.
   * "Role names must be unique within the account": https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
   */
  approverOf(userArn: string): string | undefined {
    const [account, resource] = accountAndResource(userArn);
    const [kind, name, session] = resource.split('/');
    if (kind !== 'assumed-role') return undefined;
    const role = this.byName.get(`${account}/${name}`);
    return role && (role.approver ?? session);
  }
}

function accountAndResource(arn: string): [account: string, resource: string] {
  const [, partition, , , account, ...resource] = arn.split(':');
  return [`${partition}:${account}`, resource.join(':')];
}
