import type { UnusedPermission } from '../access/types';

/** What none of several runs used: an action on a resource that every one of them reports as unused. */
export function unusedInAll(runs: readonly (readonly UnusedPermission[])[]): UnusedPermission[] {
  if (runs.length === 0) return [];
  const [first, ...others] = runs.map((run) => new Set(run.flatMap(parts)));
  const common = [...first].filter((part) => others.every((run) => run.has(part)));
  const byRole = new Map<string, UnusedPermission>();
  for (const part of common) {
    const [role, action, resource] = JSON.parse(part) as string[];
    const key = `${role}\0${resource}`;
    const known = byRole.get(key);
    byRole.set(key, { role, actions: [...(known?.actions ?? []), action], resources: [resource] });
  }
  return [...byRole.values()];
}

function parts({ role, actions, resources }: UnusedPermission): string[] {
  return actions.flatMap((action) => resources.map((resource) => JSON.stringify([role, action, resource])));
}
