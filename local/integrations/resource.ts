/** A Task's `Resource`. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-service-integrations.html and …/connect-to-resource.html */
import { notImplemented } from '../services/errors';
import { models } from '../wire/model';

export type Pattern = 'request' | 'sync' | 'sync:2' | 'waitForTaskToken';

export type TaskResource =
  | { readonly kind: 'function'; readonly arn: string }
  | { readonly kind: 'optimized'; readonly service: string; readonly action: string; readonly pattern: Pattern }
  | { readonly kind: 'sdk'; readonly service: string; readonly operation: string; readonly pattern: Pattern };

export function parseResource(resource: string): TaskResource {
  if (/^arn:[\w-]+:lambda:/.test(resource)) return { kind: 'function', arn: resource };
  const found = /^arn:[\w-]+:states:[\w-]*:\d*:(?:(aws-sdk):)?([\w-]+):(\w+)(?:\.(sync|sync:2|waitForTaskToken))?$/.exec(resource);
  if (!found) throw notImplemented(`tasks with the resource ${resource}`);
  const [, sdk, service, action, pattern = 'request'] = found;
  if (!sdk) return { kind: 'optimized', service, action, pattern: pattern as Pattern };
  const name = Object.keys(models).find((known) => known.replaceAll('-', '') === service);
  const operation = action[0].toUpperCase() + action.slice(1);
  if (!name || !models[name].operations[operation]) throw notImplemented(`tasks with the resource ${resource}`);
  return { kind: 'sdk', service: name, operation, pattern: pattern as Pattern };
}
