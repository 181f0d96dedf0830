import type { DeployedResource, DeployedStack } from '../assembly';
import { allResources } from '../assembly';

/**
 * The one resource of these types that a name means: the construct path of the resource or of a construct around it, from the app
 * ("Shop/Orders") or from a stack ("Orders"), or its logical id.
 * @throws if there is none, or more than one
 */
export function findResource(stacks: readonly DeployedStack[], types: readonly string[], name: string): DeployedResource {
  const candidates = stacks.flatMap(allResources).filter(({ type }) => types.includes(type));
  const scopes = [name, ...stacks.map((stack) => `${stack.path}/${name}`)];
  const tests: ((resource: DeployedResource) => boolean)[] = [
    ({ path }) => scopes.some((scope) => path === scope || path === `${scope}/Resource`),
    ({ path }) => scopes.some((scope) => path.startsWith(`${scope}/`)),
    ({ logicalId }) => logicalId === name,
  ];
  const found = tests.map((test) => candidates.filter(test)).find((matches) => matches.length > 0) ?? [];
  if (found.length === 1) return found[0];
  const listed = (found.length === 0 ? candidates : found).map(({ path }) => path.replace(/\/Resource$/, '')).join(', ');
  if (name === '') throw new Error(`which ${types[0]}? There are: ${listed || 'none'}`);
  throw new Error(
    found.length === 0
      ? `no ${types[0]} has the construct path or logical id '${name}'; there are: ${listed || 'none'}`
      : `'${name}' means ${found.length} resources of the type ${types[0]}: ${listed}. Give one of these paths.`,
  );
}
