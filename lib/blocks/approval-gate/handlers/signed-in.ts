import type { HttpRequest } from './http';
import type { IamRoles } from './iam-roles';
import { normaliseIdentity } from './identity';
import { PortalProblem } from './portal-decision';

/** How approvers sign in to the routes that this function is behind. */
export interface SignIn {
  /** The claim of a token that says which approver it is. */
  readonly identityClaim?: string;
  /** Whose signature is whose. */
  readonly iamRoles?: IamRoles;
}

/** Who is signed in. */
export interface SignedIn {
  /** Normalised. */
  readonly identity: string;
  /** For the audit: who says so, and of whom. */
  readonly issuer?: string;
  readonly subject?: string;
}

type Claims = { readonly [name: string]: string | undefined };

/**
 * API Gateway has checked token or signature. By which route it came is in what it says: a token's claims, or who signed.
 * @throws PortalProblem if that is no approver
 */
export function signedIn(http: HttpRequest, { identityClaim, iamRoles }: SignIn): SignedIn {
  const { jwt, iam } = http.requestContext.authorizer ?? {};
  if (iam && iamRoles) return bySignature(iam.userArn ?? '', iamRoles);
  if (jwt && identityClaim !== undefined) return byToken(jwt.claims ?? {}, identityClaim);
  throw new PortalProblem(403, 'nobody is signed in');
}

function byToken(claims: Claims, claim: string): SignedIn {
  const identity = claims[claim];
  if (!identity?.trim()) throw new PortalProblem(403, `the token has no claim ${claim}`);
  // https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims: anybody can have an address that nobody has verified.
  if (claim === 'email' && claims.email_verified !== undefined && claims.email_verified !== 'true') {
    throw new PortalProblem(403, 'the mail address of the token is not verified');
  }
  return { identity: normaliseIdentity(identity), issuer: claims.iss, subject: claims.sub };
}

function bySignature(userArn: string, roles: IamRoles): SignedIn {
  const approver = roles.approverOf(userArn);
  if (!approver) throw new PortalProblem(403, 'who signed the request acts as no role of an approver');
  const [, partition, , , account] = userArn.split(':');
  return { identity: normaliseIdentity(approver), issuer: `arn:${partition}:iam::${account}:root`, subject: userArn };
}
