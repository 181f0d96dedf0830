import type { ScenarioResult } from '../../scenario/play';
import { Names } from '../calls';
import { type Markup, markup } from '../markup';
import { part, table } from './parts';

/** What the roles were allowed: denied, used, and granted without being used. */
export function permissionsPart({ deniedCalls, usedPermissions, unusedPermissions, resources }: ScenarioResult): Markup {
  const names = new Names(resources);
  const columns = [{ head: 'Role', long: true }, { head: 'Action' }, { head: 'Resource', long: true }];
  const code = (texts: readonly string[]) => markup`<code>${texts.join(', ')}</code>`;
  return part(
    'Permissions',
    `${usedPermissions.length} used, ${unusedPermissions.length} not used here${deniedCalls.length > 0 ? `, ${deniedCalls.length} denied` : ''}`,
    markup`${
      deniedCalls.length > 0 &&
      markup`<h4>Denied</h4>${table(
        'Denied calls',
        columns,
        deniedCalls.map(({ role, action, resource }) => [role, code([action]), names.of(resource)]),
      )}`
    }${
      usedPermissions.length > 0 &&
      markup`<h4>Used</h4>${table(
        'Permissions that were used',
        [...columns, { head: 'Allowed by', long: true }],
        usedPermissions.map(({ role, action, resource, allowedBy }) => [role, code([action]), names.of(resource), allowedBy]),
      )}`
    }${unusedPermissions.length > 0 && markup`<h4>Granted, and not used in this scenario</h4>${unusedTable(unusedPermissions, names)}`}`,
  );
}

export function unusedTable(unused: ScenarioResult['unusedPermissions'], names: Names): Markup {
  return table(
    'Permissions that were not used',
    [{ head: 'Role', long: true }, { head: 'Actions' }, { head: 'Resources', long: true }],
    unused.map(({ role, actions, resources }) => [
      role,
      markup`<code>${actions.join(', ')}</code>`,
      resources.map((name) => names.of(name)).join(', '),
    ]),
  );
}
