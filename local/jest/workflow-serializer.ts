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
    return Object.values(resources ?? {}).some((resource) => resource?.Type === STATE_MACHINE);
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
  const managed = (properties.ManagedPolicyArns ?? []).map((policy: string) => ({ Allow: `what ${policy} allows` }));
  const permissions = {
    trusts: statements(properties.AssumeRolePolicyDocument),
    may: [...managed, ...[...inline, ...attached].flatMap(statements)],
  };
  return `role ${id}\n${lines(permissions, 1)}`;
}

/** What stands at a resource: queue, topic, bucket and key policies, and a function's permissions. */
function resourcePolicy(id: string, type: string, properties: Properties): string[] {
  if (type === 'AWS::Lambda::Permission') return [`permission ${id}\n${lines(properties, 1)}`];
  const document = properties.KeyPolicy ?? (type.startsWith('AWS::IAM::') ? undefined : properties.PolicyDocument);
  return document === undefined ? [] : [`policy ${id}\n${lines(statements(document), 1)}`];
}

// biome-ignore lint/suspicious/noExplicitAny: IAM's own shape
function statements(document: any): Record<string, unknown>[] {
  return [document?.Statement ?? []]
    .flat()
    .map(({ Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition }) =>
      present({
        [Effect]: Action ?? { 'everything but': NotAction },
        on: Resource ?? (NotResource && { 'everything but': NotResource }),
        to: Principal ?? (NotPrincipal && { 'everybody but': NotPrincipal }),
        if: Condition,
      }),
    );
}

function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
