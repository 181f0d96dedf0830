/** CloudFormation's own shapes. */
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
export type Properties = Record<string, any>;
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

/** The template with each intrinsic function as text, `${Table.Arn}`, and without hashes of assets. */
export function templateText(template: Template): Template {
  return withText(template) as Template;
}

function withText(value: unknown): unknown {
  if (typeof value === 'string') return withoutHashes(value);
  if (Array.isArray(value)) return value.map(withText);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  const [[name, argument] = []] = members;
  if (members.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) return intrinsic(name, withText(argument));
  return Object.fromEntries(members.map(([key, member]) => [withoutHashes(key), withText(member)]));
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function intrinsic(name: string, argument: any): string {
  switch (name) {
    case 'Ref':
      return `\${${argument}}`;
    case 'Fn::GetAtt':
      return `\${${[argument].flat().join('.')}}`;
    case 'Fn::Join':
      if (Array.isArray(argument[1])) return argument[1].join(argument[0]);
      break;
    case 'Fn::Sub':
      if (typeof argument === 'string') return argument;
      break;
    default:
  }
  return `\${${name} ${JSON.stringify(argument)}}`;
}

/** The hash of an asset, and of what a function's version holds, changes with every line of code. */
function withoutHashes(text: string): string {
  return text.replace(/\b[0-9a-f]{64}\b/g, '<asset>').replace(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1<version>');
}
