import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { environment } from '../../../../core/handlers/environment';
import type { HttpRequest, HttpResponse } from '../http';
import { type IamRole, IamRoles } from '../iam-roles';
import { Log } from '../log';
import { portal } from '../portal';
import type { SignIn } from '../signed-in';

const services = {
  table: { dynamodb: new DynamoDBClient({}), tableName: environment('TABLE_NAME'), auditTableName: environment('AUDIT_TABLE_NAME') },
  sfn: new SFNClient({}),
  signIn: signIn(),
};

/** Decisions of who is signed in, behind an HTTP API's JWT authorizer, its IAM authorization, or both. */
export function handler(event: HttpRequest): Promise<HttpResponse> {
  return portal(event, services, new Log());
}

function signIn(): SignIn {
  const { IDENTITY_CLAIM: identityClaim, IAM_APPROVERS: roles } = process.env;
  if (!identityClaim && !roles) throw new Error('the environment variable IDENTITY_CLAIM is missing, and so is IAM_APPROVERS');
  return { identityClaim, iamRoles: roles ? new IamRoles(JSON.parse(roles) as IamRole[]) : undefined };
}
