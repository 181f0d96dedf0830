import type { DeniedCall, UnusedPermission, WidePermission } from '../access/types';

/** In words, with the reason. */
export function deniedText({ role, action, resource, reason }: DeniedCall): string {
  return `${role} may not ${action} on ${resource}: ${reason.text}`;
}

export function unusedText({ role, actions, resources }: UnusedPermission): string {
  return `${role}: ${actions.join(', ')} on ${resources.join(', ')}`;
}

export function wideText({ role, statement, element, pattern, enough }: WidePermission): string {
  const of = element === 'Action' ? 'actions' : 'resources';
  return `${role}: ${pattern} (${statement}), of whose ${of} only these were used: ${enough.join(', ')}`;
}

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
