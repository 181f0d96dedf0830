import type { StackTemplate } from './types';

const NESTED = /\.NestedStack\/[^/]+\.NestedStackResource$/;

/** The construct path of a resource: from its own metadata, else from the assembly's. */
export function constructPath(stack: StackTemplate, logicalId: string): string | undefined {
  const own = stack.template.Resources?.[logicalId]?.Metadata?.['aws:cdk:path'];
  if (typeof own === 'string') return own;
  const paths = stack.constructPaths;
  if (!paths) return undefined;
  // The same logical id can stand in a nested stack too, whose constructs lie under this stack's path.
  const nested = [...paths.keys()].filter((path) => NESTED.test(path)).map(nestedStackPath);
  const inside = (path: string, scope: string) => scope === '' || path.startsWith(`${scope}/`);
  for (const [path, id] of paths) {
    if (id !== logicalId || !inside(path, stack.path)) continue;
    if (nested.some((scope) => scope.length > stack.path.length && inside(scope, stack.path) && inside(path, scope))) continue;
    return path;
  }
  return undefined;
}

/** `App/Nested.NestedStack/Nested.NestedStackResource` makes the stack that is the construct `App/Nested`. */
export function nestedStackPath(resourcePath: string): string {
  return resourcePath.replace(NESTED, '');
}
