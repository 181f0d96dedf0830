/** Which protocol a request speaks: clients of other years speak other ones than those that the model was made of. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiError } from '../cloud-types';
import { notImplemented } from '../services/errors';
import type { ServiceModel } from './model';

/**
 * Services whose former protocol is served as well: CloudWatch's clients, up to 3.896 of September 2025 at least, speak the query
 * protocol. Its names are those of the JSON that came after it, and the lists in it have no names of their own.
 */
const FORMER_QUERY: Readonly<Record<string, { readonly xmlNamespace: string }>> = {
  cloudwatch: { xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/' },
};

const CHANGED = ['awsJson1_0', 'awsJson1_1'];

/** The model by which a request is read and answered, in the protocol that it speaks, and why it can't be served in that. */
export function modelInProtocol(
  service: string,
  model: ServiceModel,
  headers: IncomingHttpHeaders,
): { readonly model: ServiceModel; readonly refused?: ApiError } {
  const protocol = headers['smithy-protocol'];
  if (protocol !== undefined) return { model, refused: unserved(service, model, String(protocol)) };
  const isForm = String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  if (!isForm || !CHANGED.includes(model.protocol)) return { model };
  const former = FORMER_QUERY[service];
  const query: ServiceModel = { ...model, protocol: 'awsQuery', ...former };
  return former ? { model: query } : { model: query, refused: unserved(service, model, 'the query protocol') };
}

const unserved = (service: string, { sdkId, protocol }: ServiceModel, spoken: string): ApiError =>
  notImplemented(`${sdkId} in ${spoken}: use a version of @aws-sdk/client-${service} that speaks ${protocol}, as those of today do`);
