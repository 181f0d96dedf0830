import type { Duration, aws_kms as kms, RemovalPolicy, aws_sns as sns } from 'aws-cdk-lib';
import type { ApprovalAlarmProps } from './approval-alarm-props';
import type { IamApprover } from './iam-approver';

/** Properties of `ApprovalGate`. */
export interface ApprovalGateProps {
  /** The topic that mail goes through. Its subscribers get every approver's links, so subscribe nobody to it yourself. @default - a new topic, when somebody is asked by mail */
  readonly mailTopic?: sns.ITopic;
  /** The key that links, codes and nonces are derived with: KMS, key spec HMAC_256. @default - a new key */
  readonly signingKey?: kms.IKey;
  /** Encrypts the table of requests, which holds task tokens, and the audit. @default - the AWS managed key of DynamoDB */
  readonly encryptionKey?: kms.IKey;
  /** What becomes of the requests and the audit, the record of who decided what, when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Lets approvers decide who are signed in to a portal of your own: the issuer of its tokens, any OpenID Connect provider, as its
   * `iss` claim says. They send their decisions as JSON to `POST /decisions/{requestId}`, beside the links of mail and channels.
   * @default - decisions come by link only
   */
  readonly portalIssuer?: string;
  /** Whom the tokens have to be meant for: client ids, one of which is the `aud` or `client_id` of a token. @default - needed with portalIssuer */
  readonly portalAudience?: string[];
  /** The claim whose value is the approver's identity. With `email`, an address that the issuer says is not verified is refused. @default "email" */
  readonly portalIdentityClaim?: string;
  /** Scopes one of which a token has to have: with them, ID tokens don't pass for access tokens. @default - none */
  readonly portalScopes?: string[];
  /**
   * Lets approvers decide with their AWS credentials: requests to `POST /iam-decisions/{requestId}` that are signed with Signature Version 4.
   * Says which role is whose, 20 at most; `grantDecide` lets a role call. @default - no such route
   */
  readonly iamApprovers?: IamApprover[];
  /**
   * Origins of portals whose pages call the decide routes from the browser, such as `https://desk.example.com`: scheme, host and port.
   * The API then answers requests of these origins with CORS headers, without credentials (cookies). `http` is for this machine only.
   * @default - none: portals call from their servers
   */
  readonly portalOrigins?: string[];
  /** How often decisions are looked for that did not reach Step Functions. @default Duration.minutes(30) */
  readonly sweepInterval?: Duration;
  /** Alarms by threshold, with an action. @default - no alarms */
  readonly alarms?: ApprovalAlarmProps;
}
