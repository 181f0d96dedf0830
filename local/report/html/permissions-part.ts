import type { ScenarioResult } from '../../scenario/play';
import { Names } from '../calls';
import { type Markup, markup } from '../markup';
import { part, table } from './parts';

/** What the roles were allowed: denied and why, used, granted without being used, and granted wider than used. */
export function permissionsPart(result: ScenarioResult): Markup {
  const { accessMode, deniedCalls, usedPermissions, unusedPermissions, widePermissions, resources } = result;
  if (accessMode === 'off')
    return part('Permissions', 'not checked', markup`<p>Access was off: no call was checked, and none was counted.</p>`);
  const names = new Names(resources);
  const columns = [{ head: 'Role', long: true }, { head: 'Action' }, { head: 'Resource', long: true }];
  const code = (texts: readonly string[]) => markup`<code>${texts.join(', ')}</code>`;
  return part(
    'Permissions',
    [
      `${usedPermissions.length} used`,
      `${unusedPermissions.length} not used here`,
      ...(widePermissions.length > 0 ? [`${widePermissions.length} wider than used`] : []),
      ...(deniedCalls.length > 0 ? [`${deniedCalls.length} denied${accessMode === 'warn' ? ', and let through' : ''}`] : []),
    ].join(', '),
    markup`${
      deniedCalls.length > 0 &&
      markup`<h4>Denied</h4>${table(
        'Denied calls',
        [...columns, { head: 'Why', long: true }],
        deniedCalls.map(({ role, action, resource, reason }) => [role, code([action]), names.of(resource), names.in(reason.text)]),
      )}`
    }${
      usedPermissions.length > 0 &&
      markup`<h4>Used</h4>${table(
        'Permissions that were used',
        [...columns, { head: 'Allowed by', long: true }],
        usedPermissions.map(({ role, action, resource, allowedBy }) => [role, code([action]), names.of(resource), allowedBy]),
      )}`
    }${unusedPermissions.length > 0 && markup`<h4>Granted, and not used in this scenario</h4>${unusedTable(unusedPermissions, names)}`}${
      widePermissions.length > 0 && markup`<h4>Wider than this scenario used</h4>${wideTable(widePermissions, names)}`
    }`,
  );
}

export function wideTable(wide: ScenarioResult['widePermissions'], names: Names): Markup {
  const code = (text: string) => markup`<code>${text}</code>`;
  return table(
    'Permissions that are wider than what was used',
    [
      { head: 'Role', long: true },
      { head: 'Granted by', long: true },
      { head: 'Wildcard', long: true },
      { head: 'Used', long: true },
    ],
    wide.map(({ role, statement, pattern, enough }) => [role, statement, code(pattern), enough.map((one) => names.of(one)).join(', ')]),
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
