import { compilePolicy } from '../../access/policy-document';
import { ApiError, type PolicyDocument } from '../../cloud-types';

/** The document of an identity-based policy. @throws MalformedPolicyDocument */
export function parsePolicy(text: string): PolicyDocument {
  let document: PolicyDocument;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  if (typeof document !== 'object' || document === null || !document.Statement) throw malformed('Syntax errors in policy.');
  try {
    compilePolicy(document, { kind: 'identity', label: 'the policy', region: '' });
  } catch (error) {
    throw malformed(`Syntax errors in policy. (${(error as Error).message})`);
  }
  return document;
}

function malformed(message: string): ApiError {
  return new ApiError('MalformedPolicyDocument', message);
}
