import type { Access } from '../../access';
import { ApiError, type Principal } from '../../cloud-types';
import type { RoleRequest } from '../../engine/types';

/**
 * What a Distributed Map does with its children takes permissions of the state machine's role. No call is made: the engine itself starts
 * the children, and a million of them are no million API calls.
 * @param toFailure what the state sees of the refusal
 */
export function authorizeChildExecutions(access: Access, toFailure: (error: ApiError) => Error): (request: RoleRequest) => void {
  return ({ action, resource, roleArn }) => {
    const principal: Principal = { kind: 'role', arn: roleArn };
    const { allowed, message = 'access denied' } = access.authorize(principal, { action, resource });
    if (!allowed) throw toFailure(new ApiError('AccessDeniedException', message));
  };
}
