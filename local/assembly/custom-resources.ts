import type { DeployedResource } from './types';

/** The roles of the functions that custom resources name. Their handlers are not run, so no call shows what such a role is for. */
export function rolesOfCustomResources(resources: readonly DeployedResource[]): ReadonlySet<string> {
  const named = new Set(resources.map(({ properties }) => properties.ServiceToken).filter((token) => token !== undefined));
  const functions = resources.filter(({ type, attributes }) => type === 'AWS::Lambda::Function' && named.has(attributes.Arn));
  return new Set(functions.map(({ properties }) => properties.Role));
}
