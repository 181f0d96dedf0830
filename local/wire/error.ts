/** An error in the form that its service's protocol gives it. */
import type { ApiError } from '../cloud-types';
import { encodeJson } from './json';
import { errorShape, membersOf, type ServiceModel } from './model';
import type { RestRequest, RestResponse } from './rest';
import { encodeRestXmlError } from './rest-xml';
import { escapeXml } from './xml-writer';

/** Without a model, for a service that isn't known, the request's own form says what its client can read. */
export function encodeError(model: ServiceModel | undefined, request: RestRequest, error: ApiError, requestId: string): RestResponse {
  if (model?.protocol === 'restXml') return encodeRestXmlError(error, request, requestId);
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return cborError(error, requestId);
  const form = String(request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const json = request.headers['x-amz-target'] !== undefined || /json/.test(String(request.headers['content-type'] ?? ''));
  if (model ? model.protocol === 'awsQuery' : form) return xmlError(model, error, requestId);
  if (model || json) return jsonError(model, error, requestId);
  // S3, or REST without a body: both clients read the header; S3's reads only XML besides.
  return {
    status: error.statusCode,
    headers: { 'content-type': 'application/xml', 'x-amzn-errortype': error.code, 'x-amzn-requestid': requestId },
    body: `<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
  };
}

/** The one thing that is said in it. Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#operation-error-serialization */
function cborError(error: ApiError, requestId: string): RestResponse {
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([Buffer.from([0x79]), length, bytes]); // RFC 8949: a text with its length in two bytes
  };
  const map = Object.entries({ __type: error.code, message: error.message });
  return {
    status: error.statusCode,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': requestId },
    body: Buffer.concat([Buffer.from([0xa0 + map.length]), ...map.flat().map(text)]),
  };
}

/** Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization */
function xmlError(model: ServiceModel | undefined, error: ApiError, requestId: string): RestResponse {
  const code = (model && errorShape(model, error.code)?.shape[3]) ?? error.code;
  return {
    status: error.statusCode,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<ErrorResponse${model?.xmlNamespace ? ` xmlns="${model.xmlNamespace}"` : ''}><Error><Type>${error.statusCode < 500 ? 'Sender' : 'Receiver'}</Type>` +
      `<Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

/** Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization and …/aws-restjson1-protocol.html */
function jsonError(model: ServiceModel | undefined, error: ApiError, requestId: string): RestResponse {
  const known = model && errorShape(model, error.code);
  const name = known?.name ?? error.code;
  const members = known ? membersOf(known.shape) : {};
  const messageMember = Object.keys(members).find((member) => member.toLowerCase() === 'message') ?? 'message';
  const headers: Record<string, string> = {
    'content-type': model?.protocol === 'awsJson1_1' ? 'application/x-amz-json-1.1' : 'application/x-amz-json-1.0',
    'x-amzn-errortype': name,
    'x-amzn-requestid': requestId,
  };
  if (model?.queryCompatible) {
    headers['x-amzn-query-error'] = `${known?.shape[3] ?? error.code};${error.statusCode < 500 ? 'Sender' : 'Receiver'}`;
  }
  const body: Record<string, unknown> = { __type: name, [messageMember]: error.message };
  for (const [member, value] of Object.entries(error.members)) {
    const declared = members[member];
    body[member] =
      model && declared !== undefined ? encodeJson(model, typeof declared === 'object' ? declared[0] : declared, value) : value;
  }
  return { status: error.statusCode, headers, body: JSON.stringify(body) };
}
