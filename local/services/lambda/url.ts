/** Function URLs, each on a loopback port of its own. Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
import { ApiError, type Cloud, type Json, type ResourceType } from '../../cloud-types';
import { notImplemented } from '../errors';
import { requestEvent } from '../http/event';
import { type HttpFront, type HttpRequest, type HttpResponse, jsonMessage, listen } from '../http/front';
import { responseOf } from '../http/response';
import { digits, uuid } from '../identifiers';
import type { Functions } from './functions';

/** Only a policy for everybody ("*") allows it. */
const ANYBODY = { kind: 'service', service: 'anybody' } as const;

export function functionUrlResource(cloud: Cloud, functions: Functions, fronts: HttpFront[]): ResourceType {
  async function answer(target: string, authType: string, urlId: string, request: HttpRequest): Promise<HttpResponse> {
    if (authType !== 'NONE') throw notImplemented(`function URLs with the authorization ${authType} (${target})`);
    const event = requestEvent(request, {
      accountId: 'anonymous',
      apiId: urlId,
      requestId: uuid(cloud),
      routeKey: '$default',
      stage: '$default',
      at: cloud.clock.now(),
    });
    try {
      const input = { FunctionName: target, Payload: Buffer.from(JSON.stringify(event)) };
      const output = (await cloud.call({ service: 'lambda', operation: 'InvokeFunctionUrl', input, principal: ANYBODY })) as {
        Payload: Uint8Array;
        FunctionError?: string;
      };
      const response = output.FunctionError ? undefined : responseOf(JSON.parse(Buffer.from(output.Payload).toString('utf8')) as Json);
      return response ?? jsonMessage(502, 'Internal Server Error');
    } catch (error) {
      if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
      return jsonMessage(error.statusCode, error.statusCode === 403 ? 'Forbidden' : error.message);
    }
  }

  return {
    async create({ properties }) {
      const { fn, qualifier } = functions.find(properties.TargetFunctionArn, properties.Qualifier);
      const target = qualifier ? `${fn.configuration.arn}:${qualifier}` : fn.configuration.arn;
      const urlId = digits(cloud, 32, 'abcdefghijklmnopqrstuvwxyz0123456789');
      const front = await listen(cloud, (request) => answer(target, properties.AuthType, urlId, request));
      fronts.push(front);
      return { ref: target, attributes: { FunctionArn: target, FunctionUrl: `${front.url}/` } };
    },
  };
}
