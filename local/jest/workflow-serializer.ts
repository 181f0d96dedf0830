import { type Properties, type Template, templateText } from './template-text';
import { lines } from './text-lines';

/**
 * A snapshot serializer that prints a template's workflows so that a diff of the snapshot can be reviewed: each state machine's
 * definition, each role's permissions, each resource's policy, without hashes of assets. Everything else of the template is left out.
 * `expect.addSnapshotSerializer(workflowSerializer)`; it takes templates with a state machine: `Template.fromStack(stack).toJSON()`.
 */
export const workflowSerializer = {
  test(value: unknown): boolean {
    const resources = (value as Partial<Template> | undefined)?.Resources;
    return typeof resources === 'object' && Object.values(resources).some((resource) => resource?.Type === STATE_MACHINE);
  },
  serialize(value: unknown): string {
    const { Resources } = templateText(value as Template);
    const of = (type: string) => Object.entries(Resources).filter(([, resource]) => resource.Type === type);
    return [
      ...of(STATE_MACHINE).map(([id, { Properties = {} }]) => stateMachine(id, Properties)),
      ...of('AWS::IAM::Role').map(([id, { Properties = {} }]) => role(id, Properties, Resources)),
      ...Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => resourcePolicy(id, Type, Properties)),
    ].join('\n\n');
  },
};

const STATE_MACHINE = 'AWS::StepFunctions::StateMachine';

function stateMachine(id: string, { DefinitionString, Definition, StateMachineType = 'STANDARD', RoleArn }: Properties): string {
  const definition = Definition ?? parsed(DefinitionString) ?? DefinitionString ?? 'in an asset';
  return `state machine ${id} (${StateMachineType}), role ${RoleArn}\n${lines(definition, 1)}`;
}

function parsed(definition: unknown): unknown {
  try {
    return JSON.parse(String(definition));
  } catch {
    return undefined; // a token stands where no text does: it is shown as it is
  }
}

function role(id: string, properties: Properties, resources: Template['Resources']): string {
  const attached = Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties = {} }) => Properties.Roles?.includes(`\${${id}}`))
    .map(({ Properties = {} }) => Properties.PolicyDocument);
  const inline = (properties.Policies ?? []).map((policy: Properties) => policy.PolicyDocument);
  const managed = (properties.ManagedPolicyArns ?? []).map((arn: string) => `  all of ${arn}`);
  const statements = [...inline, ...attached].flatMap((document) => list(document.Statement)).map(statement);
  const trusted = list(properties.AssumeRolePolicyDocument?.Statement).map((trust) => lines(trust.Principal, 2));
  return [`role ${id}, which may be assumed by`, ...trusted, '  and may', ...managed, ...statements].join('\n');
}

/** What stands at a resource: queue, topic, bucket and key policies, and a function's permissions. */
function resourcePolicy(id: string, type: string, properties: Properties): string[] {
  if (type === 'AWS::Lambda::Permission') return [`permission ${id}\n${lines(properties, 1)}`];
  const document = properties.KeyPolicy ?? (type.startsWith('AWS::IAM::') ? undefined : properties.PolicyDocument);
  return document === undefined ? [] : [`policy ${id}\n${list(document.Statement).map(statement).join('\n')}`];
}

// biome-ignore lint/suspicious/noExplicitAny: IAM's own shape
function statement({ Effect, Action, NotAction, Resource, NotResource, Principal, Condition, Sid: _ }: any): string {
  return lines(
    {
      [Effect]: Action ?? { 'everything but': NotAction },
      ...(Resource !== undefined && { on: Resource }),
      ...(NotResource !== undefined && { 'on everything but': NotResource }),
      ...(Principal !== undefined && { for: Principal }),
      ...(Condition !== undefined && { if: Condition }),
    },
    2,
  );
}

// biome-ignore lint/suspicious/noExplicitAny: IAM's own shape
function list(value: any): any[] {
  return value === undefined ? [] : [value].flat();
}
