/** What a Task's `Resource` names. */
export type TaskResource =
  | { readonly kind: 'lambda'; readonly arn: string }
  | { readonly kind: 'activity'; readonly arn: string; readonly region: string }
  | {
      readonly kind: 'service';
      /** As in the history: "dynamodb", "aws-sdk:s3". */
      readonly resourceType: string;
      /** As in the history: "putItem", "startExecution.sync:2". */
      readonly resource: string;
      readonly pattern: 'request-response' | 'sync' | 'waitForTaskToken';
    };

/** Undefined where the text is no resource of a Task. */
export function parseResource(text: string): TaskResource | undefined {
  const [prefix, , service, region, , ...rest] = text.split(':');
  if (prefix !== 'arn') return undefined;
  if (service === 'lambda' && rest[0] === 'function') return { kind: 'lambda', arn: text };
  if (service !== 'states' || rest.length < 2) return undefined;
  if (rest[0] === 'activity') return { kind: 'activity', arn: text, region };
  const [resourceType, resource] =
    rest[0] === 'aws-sdk' ? [`aws-sdk:${rest[1]}`, rest.slice(2).join(':')] : [rest[0], rest.slice(1).join(':')];
  if (!resource) return undefined;
  const suffix = resource.split('.')[1];
  if (suffix === undefined) return { kind: 'service', resourceType, resource, pattern: 'request-response' };
  if (suffix === 'waitForTaskToken') return { kind: 'service', resourceType, resource, pattern: 'waitForTaskToken' };
  if (/^sync(:2)?$/.test(suffix)) return { kind: 'service', resourceType, resource, pattern: 'sync' };
  return undefined;
}
