import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApprovalGateProps } from './approval-gate-props';

/** More would not fit a function's environment. */
const MOST_ROLES = 20;

/** @throws naming what contradicts itself or is missing */
export function assertPortalProps(scope: Construct, props: ApprovalGateProps): void {
  const { portalIssuer, portalAudience = [], portalIdentityClaim, portalScopes, iamApprovers, portalOrigins } = props;
  if (portalIssuer === undefined && (portalAudience.length > 0 || portalIdentityClaim !== undefined || portalScopes !== undefined)) {
    throw new Error('portalAudience, portalIdentityClaim and portalScopes go with portalIssuer: give the issuer of the tokens');
  }
  if (portalIssuer !== undefined && portalAudience.length === 0) {
    throw new Error(`portalAudience is missing: give the client ids that tokens of ${portalIssuer} have to be meant for`);
  }
  if (iamApprovers) assertRoles(scope, iamApprovers);
  if (portalOrigins === undefined) return;
  if (portalIssuer === undefined && iamApprovers === undefined) {
    throw new Error('portalOrigins go with portalIssuer or iamApprovers: without them there is no route that a portal could call');
  }
  assertOrigins(portalOrigins);
}

/** What is the same only once it is deployed, the function that takes decisions refuses. */
function assertRoles(scope: Construct, approvers: NonNullable<ApprovalGateProps['iamApprovers']>): void {
  if (approvers.length === 0 || approvers.length > MOST_ROLES) {
    throw new Error(
      `iamApprovers has ${approvers.length} roles, not 1 to ${MOST_ROLES}: IamApprover.sessionsOf takes a role that people share`,
    );
  }
  const arns = approvers.map(({ _role }) => JSON.stringify(Stack.of(scope).resolve(_role.roleArn)));
  const twice = approvers.find((_, index) => arns.indexOf(arns[index]) < index);
  if (twice) throw new Error(`iamApprovers has the role ${twice._role.node.path} twice: whoever acts as it is one approver`);
}

/** An origin as browsers send it: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin */
function assertOrigins(origins: readonly string[]): void {
  if (origins.length === 0) throw new Error('portalOrigins is empty: give the origins of the portal, or leave it out');
  for (const origin of origins) {
    if (Token.isUnresolved(origin) || /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?$/.test(origin)) continue;
    throw new Error(
      `'${origin}' in portalOrigins is no origin: give scheme, host and port as the browser sends them, such as 'https://desk.example.com', without a path and without *`,
    );
  }
}
