/** AWS IAM: the policies of roles, users and groups. They feed `Access`, which decides, so that a change takes effect at once. */
import type { Access } from '../../access/types';
import type { Cloud, Operation, Service } from '../../cloud-types';
import { withCloudTrail } from './cloud-trail';
import { Entities } from './entities';
import { ManagedPolicies } from './managed-policies';
import { entityOperations, policyOperations } from './operations';
import { iamResources } from './resources';

export interface IamService extends Service {
  /** The unique id of a role, `AROA…`. */
  roleId(roleArn: string): string;
}

export function createIam(cloud: Cloud, access: Access): IamService {
  const entities = new Entities(cloud, access);
  const policies = new ManagedPolicies(cloud, access);
  const made = [
    policyOperations(entities, policies),
    ...(['Role', 'User', 'Group'] as const).map((kind) => entityOperations(kind, entities, policies)),
  ];
  const writes = made.flatMap((operations) => Object.entries(operations.writes));
  const reads = made.flatMap((operations) => Object.entries(operations.reads));
  return {
    name: 'iam',
    roleId: (roleArn) => entities.find('Role', roleArn.slice(roleArn.lastIndexOf('/') + 1)).id,
    operations: Object.fromEntries<Operation>([
      ...reads,
      ...writes.map(([name, operation]): [string, Operation] => [name, withCloudTrail(cloud, entities, name, operation)]),
    ]),
    resources: iamResources(entities, policies),
  };
}
