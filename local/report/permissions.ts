import type { UnusedPermission } from '../access/types';

/** What none of several runs used: an action on a resource that every run on the same stack reports as unused. */
export function unusedInAll(
  runs: readonly { readonly stack: string; readonly unusedPermissions: readonly UnusedPermission[] }[],
): UnusedPermission[] {
  const stacks = new Map<string, Set<string>[]>();
  for (const { stack, unusedPermissions } of runs)
    stacks.set(stack, [...(stacks.get(stack) ?? []), new Set(unusedPermissions.flatMap(parts))]);
  const unused = [...stacks.values()].flatMap(([first, ...others]) => [...first].filter((part) => others.every((run) => run.has(part))));
  const byRoleAndResource = new Map<string, UnusedPermission>();
  for (const part of unused) {
    const [role, action, resource] = JSON.parse(part) as string[];
    const key = `${role}\0${resource}`;
    byRoleAndResource.set(key, { role, actions: [...(byRoleAndResource.get(key)?.actions ?? []), action], resources: [resource] });
  }
  return [...byRoleAndResource.values()];
}

function parts({ role, actions, resources }: UnusedPermission): string[] {
  return actions.flatMap((action) => resources.map((resource) => JSON.stringify([role, action, resource])));
}
