import type { Cloud } from '../cloud-types';

/**
 * `{{resolve:service:…}}` in a property's text.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
export interface DynamicReference {
  readonly service: 'ssm' | 'ssm-secure' | 'secretsmanager';
  /** Parameter name, or the secret's name or ARN. */
  readonly name: string;
  /** Version of the parameter. */
  readonly version?: string;
  /** Of a secret: the key in its JSON text, and which version of it. */
  readonly jsonKey?: string;
  readonly versionStage?: string;
  readonly versionId?: string;
}

export type DynamicResolver = (reference: DynamicReference) => Promise<string>;

const REFERENCE = /\{\{resolve:(ssm-secure|ssm|secretsmanager):([^{}]+)\}\}/g;

export async function resolveDynamic(value: unknown, resolve: DynamicResolver): Promise<unknown> {
  if (typeof value === 'string') {
    const parts: string[] = [];
    let end = 0;
    for (const match of value.matchAll(REFERENCE)) {
      parts.push(value.slice(end, match.index), await resolve(parse(match[1] as DynamicReference['service'], match[2])));
      end = match.index + match[0].length;
    }
    return end === 0 ? value : parts.join('') + value.slice(end);
  }
  if (Array.isArray(value)) {
    const resolved: unknown[] = [];
    for (const element of value) resolved.push(await resolveDynamic(element, resolve));
    return resolved;
  }
  if (typeof value !== 'object' || value === null) return value;
  const resolved: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) resolved[key] = await resolveDynamic(member, resolve);
  return resolved;
}

function parse(service: DynamicReference['service'], text: string): DynamicReference {
  if (service !== 'secretsmanager') {
    const [, name, version] = /^(.*?)(?::(\d+))?$/.exec(text) as RegExpExecArray;
    return { service, name, version };
  }
  const parts = text.split(':');
  const name = parts.splice(0, text.startsWith('arn:') ? 7 : 1).join(':');
  const [, jsonKey, versionStage, versionId] = parts; // the first is always SecretString
  return { service, name, jsonKey: jsonKey || undefined, versionStage: versionStage || undefined, versionId: versionId || undefined };
}

/** Asks the local cloud's own services. */
export function fromCloud(cloud: Cloud): DynamicResolver {
  const call = async (service: string, operation: string, input: unknown) =>
    // biome-ignore lint/suspicious/noExplicitAny: the API's shape
    (await cloud.call({ service, operation, input, principal: { kind: 'operator' } })) as any;
  return async ({ service, name, version, jsonKey, versionStage, versionId }) => {
    if (service !== 'secretsmanager') {
      const Name = version === undefined ? name : `${name}:${version}`;
      return (await call('ssm', 'GetParameter', { Name, WithDecryption: service === 'ssm-secure' })).Parameter.Value;
    }
    const secret = await call('secrets-manager', 'GetSecretValue', { SecretId: name, VersionStage: versionStage, VersionId: versionId });
    if (jsonKey === undefined) return secret.SecretString;
    const value = JSON.parse(secret.SecretString)[jsonKey];
    if (value === undefined) throw new Error(`secret ${name} has no key "${jsonKey}"`);
    return String(value);
  };
}
