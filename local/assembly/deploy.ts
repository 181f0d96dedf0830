import { readFile } from 'node:fs/promises';
import type { Cloud, ProvisionedResource, ResourceType } from '../cloud-types';
import { type DynamicResolver, fromCloud, resolveDynamic } from './dynamic';
import { TemplateError, ValueError } from './errors';
import { evaluate, evaluateCondition, NO_VALUE, type Scope } from './intrinsics';
import { givenName, physicalName, uuidOf } from './names';
import { inOrder, references } from './order';
import { parameterValue } from './parameters';
import { constructPath, nestedStackPath } from './paths';
import type { Assembly, DeployedResource, DeployedStack, StackTemplate } from './types';

/** What stacks of one environment see of each other. */
export interface CrossStackValues {
  /** By export name. */
  readonly exports: Map<string, unknown>;
  /** By stack name. */
  readonly outputs: Map<string, Readonly<Record<string, unknown>>>;
}

export interface DeployOptions {
  /** Values for the template's parameters. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Shared by the stacks that import from each other; `deployAssembly` makes one. */
  readonly shared?: CrossStackValues;
  /** Answers `{{resolve:…}}` and SSM parameters; by default the local cloud's own services do. */
  readonly resolveDynamic?: DynamicResolver;
}

/** Deploys every stack of an assembly, in the order of their dependencies. `parameters` are by stack name. */
export async function deployAssembly(
  assembly: Assembly,
  cloud: Cloud,
  resourceTypes: ReadonlyMap<string, ResourceType>,
  options: Omit<DeployOptions, 'parameters'> & { readonly parameters?: Readonly<Record<string, DeployOptions['parameters']>> } = {},
): Promise<DeployedStack[]> {
  const shared = options.shared ?? { exports: new Map(), outputs: new Map() };
  const stacks: DeployedStack[] = [];
  for (const stack of assembly.stacks) {
    stacks.push(await deploy(stack, cloud, resourceTypes, { ...options, shared, parameters: options.parameters?.[stack.stackName] }));
  }
  return stacks;
}

/** Makes what a template describes: each resource after those that it refers to or depends on. */
export async function deploy(
  stack: StackTemplate,
  cloud: Cloud,
  resourceTypes: ReadonlyMap<string, ResourceType>,
  options: DeployOptions = {},
): Promise<DeployedStack> {
  const resolved = {
    ...options,
    shared: options.shared ?? { exports: new Map(), outputs: new Map() },
    resolveDynamic: options.resolveDynamic ?? fromCloud(cloud),
  };
  return new Deployment(stack, cloud, resourceTypes, resolved).run();
}

/** All resources of a stack, those of the stacks nested in it too. */
export function allResources(stack: DeployedStack): DeployedResource[] {
  return [...stack.resources, ...stack.nested.flatMap(allResources)];
}

/** Macros that leave the template as it stands. */
const HARMLESS_TRANSFORMS = new Set(['AWS::LanguageExtensions', 'AWS::SecretsManager-2020-07-23', 'AWS::SecretsManager-2024-09-16']);

/** Resources that CloudFormation itself makes, and that do nothing. */
const INERT = new Set(['AWS::CDK::Metadata', 'AWS::CloudFormation::WaitConditionHandle', 'AWS::CloudFormation::WaitCondition']);

const CUSTOM = /^(Custom::|AWS::CloudFormation::CustomResource$)/;

class Deployment implements Scope {
  private readonly parameters = new Map<string, unknown>();
  private readonly conditions = new Map<string, boolean>();
  private readonly made = new Map<string, DeployedResource>();
  private readonly placeholders = new Set<unknown>();
  private readonly nested: DeployedStack[] = [];
  readonly region: string;

  constructor(
    private readonly stack: StackTemplate,
    private readonly cloud: Cloud,
    private readonly resourceTypes: ReadonlyMap<string, ResourceType>,
    private readonly options: Required<Omit<DeployOptions, 'parameters'>> & DeployOptions,
  ) {
    this.region = cloud.region;
  }

  async run(): Promise<DeployedStack> {
    const { template, stackName, path } = this.stack;
    for (const transform of [template.Transform ?? []].flat()) {
      if (!HARMLESS_TRANSFORMS.has(transform))
        throw this.error('Transform', undefined, `the local runner doesn't run the macro ${transform}`);
    }
    await this.readParameters();
    this.checkRules();
    for (const logicalId of this.order()) await this.make(logicalId);
    const outputs = await this.readOutputs();
    this.options.shared.outputs.set(stackName, outputs);
    return { stackName, path, resources: [...this.made.values()], outputs, nested: this.nested };
  }

  // ---- Scope

  ref(name: string): unknown {
    if (name.startsWith('AWS::')) return this.pseudoParameter(name);
    if (this.parameters.has(name)) return this.parameters.get(name);
    const { known, type, ref } = this.resource(name);
    // The id of a custom resource is whatever its handler says.
    return !known && CUSTOM.test(type) ? this.attribute(name, 'Ref') : ref;
  }

  attribute(logicalId: string, attribute: string): unknown {
    const resource = this.resource(logicalId);
    const value = Object.hasOwn(resource.attributes, attribute)
      ? resource.attributes[attribute]
      : // biome-ignore lint/suspicious/noExplicitAny: attributes such as `Endpoint.Address` may be given as objects
        attribute.split('.').reduce<any>((inner, key) => inner?.[key], resource.attributes);
    if (value !== undefined) return value;
    if (resource.known) throw new Error(`"${logicalId}" (${resource.type}) has no attribute "${attribute}" in the local runner`);
    const placeholder = this.placeholder(resource, attribute);
    this.placeholders.add(placeholder);
    (resource.attributes as Record<string, unknown>)[attribute] = placeholder;
    return placeholder;
  }

  condition(name: string): boolean {
    const known = this.conditions.get(name);
    if (known !== undefined) return known;
    const definition = this.stack.template.Conditions?.[name];
    if (definition === undefined) throw new Error(`the template has no condition "${name}"`);
    this.conditions.set(name, false); // a condition that refers to itself; CloudFormation refuses it before us
    const value = evaluateCondition(definition, this, `Conditions.${name}`);
    this.conditions.set(name, value);
    return value;
  }

  mapping(name: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    const mapping = this.stack.template.Mappings?.[name];
    if (!mapping) throw new Error(`the template has no mapping "${name}"`);
    return mapping;
  }

  importValue(name: string): unknown {
    const { exports } = this.options.shared;
    if (!exports.has(name)) throw new Error(`no stack that is deployed exports "${name}"`);
    return exports.get(name);
  }

  stackOutput(stackName: string, output: string): unknown {
    const outputs = this.options.shared.outputs.get(stackName);
    if (!outputs) throw new Error(`no stack "${stackName}" is deployed`);
    if (!Object.hasOwn(outputs, output)) throw new Error(`stack "${stackName}" has no output "${output}"`);
    return outputs[output];
  }

  isPlaceholder(value: unknown): boolean {
    return this.placeholders.has(value);
  }

  // ---- Steps

  private async readParameters(): Promise<void> {
    const { Parameters = {}, Resources, Conditions, Outputs, Rules } = this.stack.template;
    const { CheckBootstrapVersion, ...rules } = Rules ?? {};
    for (const name of Object.keys(this.options.parameters ?? {})) {
      if (!Parameters[name]) throw this.error(`parameter ${name}`, undefined, 'a value was given, but the template has no such parameter');
    }
    // The CDK's BootstrapVersion stands in its own rule only, and there is no bootstrap stack here: what isn't used isn't looked up.
    const used = new Set(references([Resources, Conditions, Outputs, rules].map(withoutIf), () => true));
    for (const [name, parameter] of Object.entries<never>(Parameters)) {
      if (!used.has(name)) continue;
      try {
        this.parameters.set(name, await parameterValue(parameter, this.options.parameters?.[name], this.options.resolveDynamic));
      } catch (cause) {
        throw this.error(`parameter ${name}`, undefined, (cause as Error).message, cause);
      }
    }
  }

  private checkRules(): void {
    // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
    for (const [name, rule] of Object.entries<any>(this.stack.template.Rules ?? {})) {
      if (name === 'CheckBootstrapVersion') continue;
      this.inPlace(`rule ${name}`, () => {
        if (rule.RuleCondition !== undefined && !evaluateCondition(rule.RuleCondition, this, 'RuleCondition')) return;
        for (const { Assert, AssertDescription } of rule.Assertions ?? []) {
          if (!evaluateCondition(Assert, this, 'Assertions')) throw new Error(AssertDescription ?? 'its assertion does not hold');
        }
      });
    }
  }

  private order(): string[] {
    const dependencies = new Map<string, string[]>();
    // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
    for (const [logicalId, resource] of Object.entries<any>(this.stack.template.Resources ?? {})) {
      this.inPlace(this.describe(logicalId), () => {
        if (resource.Condition !== undefined && !this.condition(resource.Condition)) return;
        const named = references(resource.Properties, (name) => this.condition(name));
        dependencies.set(logicalId, [...[resource.DependsOn ?? []].flat(), ...named]);
      });
    }
    return this.inPlace('Resources', () => inOrder(dependencies));
  }

  private async make(logicalId: string): Promise<void> {
    const { stackName, template } = this.stack;
    const { Type: type, Properties } = template.Resources[logicalId];
    const subject = this.describe(logicalId);
    // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
    const properties = (await this.value(subject, Properties ?? {}, 'Properties')) as Record<string, any>;
    const path = constructPath(this.stack, logicalId);
    const name = (maxLength?: number) => physicalName(type, stackName, logicalId, maxLength);
    const resource: Omit<DeployedResource, 'ref' | 'attributes' | 'known'> = {
      logicalId,
      type,
      path: path ?? `${this.stack.path}/${logicalId}`,
      properties,
    };
    const done = (known: boolean, { ref, attributes = {} }: ProvisionedResource) =>
      this.made.set(logicalId, { ...resource, ref, attributes: { ...attributes }, known });

    if (INERT.has(type)) {
      done(true, { ref: name() });
    } else if (type === 'AWS::CloudFormation::Stack') {
      done(true, await this.inPlaceAsync(subject, () => this.makeNested(resource)));
    } else {
      const maker =
        this.resourceTypes.get(type) ?? (CUSTOM.test(type) ? this.resourceTypes.get('AWS::CloudFormation::CustomResource') : undefined);
      if (!maker) {
        done(false, { ref: givenName(type, properties) ?? name() });
        return;
      }
      const request = {
        stackName,
        logicalId,
        type,
        path,
        properties,
        physicalName: name,
        asset: (bucket: string, key: string) => this.asset(bucket, key),
      };
      done(true, await this.inPlaceAsync(subject, async () => maker.create(request)));
    }
  }

  /** A nested stack: its template is a file asset, its outputs are attributes of the resource. */
  private async makeNested({ logicalId, path, properties }: { logicalId: string; path: string; properties: Record<string, unknown> }) {
    const { bucket, key } = s3Location(String(properties.TemplateURL));
    const stackName = physicalName('AWS::CloudFormation::Stack', this.stack.stackName, logicalId, 128);
    const child: StackTemplate = {
      ...this.stack,
      stackName,
      path: nestedStackPath(path),
      template: JSON.parse(await readFile(this.asset(bucket, key), 'utf8')),
    };
    const parameters = (properties.Parameters ?? {}) as Record<string, unknown>;
    const nested = await new Deployment(child, this.cloud, this.resourceTypes, { ...this.options, parameters }).run();
    this.nested.push(nested);
    const attributes = Object.entries(nested.outputs).map(([name, value]) => [`Outputs.${name}`, value]);
    return { ref: this.stackId(stackName), attributes: Object.fromEntries(attributes) };
  }

  private async readOutputs(): Promise<Record<string, unknown>> {
    const outputs: Record<string, unknown> = {};
    // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
    for (const [name, output] of Object.entries<any>(this.stack.template.Outputs ?? {})) {
      const subject = `output ${name}`;
      if (output.Condition !== undefined && !this.inPlace(subject, () => this.condition(output.Condition))) continue;
      outputs[name] = await this.value(subject, output.Value, 'Value');
      if (!output.Export) continue;
      const exported = String(await this.value(subject, output.Export.Name, 'Export.Name'));
      const { exports } = this.options.shared;
      if (exports.has(exported)) throw this.error(subject, 'Export.Name', `"${exported}" is exported already`);
      exports.set(exported, outputs[name]);
    }
    return outputs;
  }

  // ---- Names and places

  private pseudoParameter(name: string): unknown {
    const { accountId, region, partition } = this.cloud;
    switch (name) {
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::Region':
        return region;
      case 'AWS::Partition':
        return partition;
      case 'AWS::URLSuffix':
        return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::StackName':
        return this.stack.stackName;
      case 'AWS::StackId':
        return this.stackId(this.stack.stackName);
      case 'AWS::NotificationARNs':
        return [];
      case 'AWS::NoValue':
        return NO_VALUE;
      default:
        throw new Error(`there is no pseudo parameter "${name}"`);
    }
  }

  private stackId(stackName: string): string {
    const { accountId, region, partition } = this.cloud;
    return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/${uuidOf(stackName)}`;
  }

  private resource(logicalId: string): DeployedResource {
    const resource = this.made.get(logicalId);
    if (resource) return resource;
    const defined = this.stack.template.Resources?.[logicalId];
    if (!defined) throw new Error(`the template has no resource or parameter "${logicalId}"`);
    throw new Error(`resource "${logicalId}" isn't made, since its condition "${defined.Condition}" is false`);
  }

  /** Something that looks like an ARN, so that templates which take ARNs apart find the parts. */
  private placeholder({ type, ref }: DeployedResource, attribute: string): string {
    const { accountId, region, partition } = this.cloud;
    const [, service = 'custom', kind = type] = type.split('::');
    const within = attribute.endsWith('Arn') ? ref : `${attribute}/${ref}`;
    return `arn:${partition}:${service.toLowerCase()}:${region}:${accountId}:${kind.toLowerCase()}/${within}`;
  }

  private asset(bucket: string, key: string): string {
    const file = this.stack.assetAt(bucket, key);
    if (!file) throw new Error(`no asset manifest of the assembly publishes s3://${bucket}/${key}`);
    return file;
  }

  private describe(logicalId: string): string {
    const path = constructPath(this.stack, logicalId);
    return `resource ${logicalId} (${this.stack.template.Resources[logicalId].Type}${path ? `, ${path}` : ''})`;
  }

  private async value(subject: string, value: unknown, where: string): Promise<unknown> {
    const resolved = this.inPlace(subject, () => evaluate(value, this, where));
    return this.inPlaceAsync(subject, () => resolveDynamic(resolved, this.options.resolveDynamic));
  }

  private inPlace<T>(subject: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.asTemplateError(subject, cause);
    }
  }

  private async inPlaceAsync<T>(subject: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw this.asTemplateError(subject, cause);
    }
  }

  private asTemplateError(subject: string, cause: unknown): TemplateError {
    if (cause instanceof TemplateError) return cause;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return this.error(subject, error instanceof ValueError ? error.where : undefined, error.message, cause);
  }

  private error(subject: string, property: string | undefined, message: string, cause?: unknown): TemplateError {
    return new TemplateError(this.stack.stackName, subject, property, message, { cause });
  }
}

/** Both branches of every Fn::If count as used: conditions aren't known before the parameters are. */
function withoutIf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === 'Fn::If' && Array.isArray(member) ? ['If', member.slice(1).map(withoutIf)] : [key, withoutIf(member)],
    ),
  );
}

/** `https://s3.region.amazonaws.com/bucket/key` or `https://bucket.s3.region.amazonaws.com/key`. */
function s3Location(url: string): { bucket: string; key: string } {
  const { hostname, pathname } = new URL(url);
  const key = pathname.slice(1);
  const [, bucket] = /^(.+)\.s3[.-]/.exec(hostname) ?? [];
  if (bucket) return { bucket, key };
  const slash = key.indexOf('/');
  return { bucket: key.slice(0, slash), key: key.slice(slash + 1) };
}
