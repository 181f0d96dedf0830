/** Lambda's CloudFormation types: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html */
import type { Cloud, PolicyStatement, ResourceRequest, ResourceType } from '../../cloud-types';
import { arn } from '../identifiers';
import type { Functions, LambdaFunction } from './functions';

export function lambdaResources(cloud: Cloud, functions: Functions): Record<string, ResourceType> {
  return {
    'AWS::Lambda::Function': {
      create(resource) {
        const { properties } = resource;
        const name: string = properties.FunctionName ?? resource.physicalName(64);
        const layers: string[] = properties.Layers ?? [];
        const unsupported = unsupportedPart(
          properties,
          layers.find((layer) => !functions.layers.has(layer)),
        );
        const inlineCode: string | undefined = properties.Code?.ZipFile;
        const fn: LambdaFunction = {
          configuration: {
            arn: arn(cloud, 'lambda', `function:${name}`),
            name,
            ...(resource.path !== undefined && { path: resource.path }),
            roleArn: properties.Role,
            handler: properties.Handler ?? '',
            runtime: properties.Runtime ?? '',
            codeDirectory: unsupported || inlineCode !== undefined ? '' : resource.asset(properties.Code.S3Bucket, properties.Code.S3Key),
            ...(inlineCode !== undefined && { inlineCode }),
            ...(layers.length > 0 && !unsupported && { layerDirectories: layers.map((layer) => functions.layers.get(layer) as string) }),
            ...(unsupported !== undefined && { unsupported }),
            environment: textValues(properties.Environment?.Variables),
            timeoutSeconds: Number(properties.Timeout ?? 3),
            memoryMb: Number(properties.MemorySize ?? 128),
          },
          reservedConcurrency:
            properties.ReservedConcurrentExecutions === undefined ? undefined : Number(properties.ReservedConcurrentExecutions),
          deadLetterArn: properties.DeadLetterConfig?.TargetArn,
          asyncConfigs: new Map(),
          versions: 0,
          aliases: new Map(),
          policies: new Map(),
        };
        functions.put(fn);
        return { ref: name, attributes: { Arn: fn.configuration.arn } };
      },
    },

    'AWS::Lambda::LayerVersion': {
      create(resource) {
        const { Content, LayerName } = resource.properties;
        const ref = `${arn(cloud, 'lambda', `layer:${LayerName ?? resource.physicalName(64)}`)}:1`;
        functions.layers.set(ref, resource.asset(Content.S3Bucket, Content.S3Key));
        return { ref, attributes: { LayerVersionArn: ref } };
      },
    },

    'AWS::Lambda::LayerVersionPermission': {
      create: (resource) => ({ ref: resource.physicalName(100), attributes: { Id: resource.physicalName(100) } }),
    },

    'AWS::Lambda::Version': {
      create({ properties }) {
        const { fn } = functions.find(properties.FunctionName);
        fn.versions += 1;
        const ref = `${fn.configuration.arn}:${fn.versions}`;
        return { ref, attributes: { Version: String(fn.versions), FunctionArn: ref } };
      },
    },

    'AWS::Lambda::Alias': {
      create({ properties }) {
        const { fn, version } = functions.find(properties.FunctionName, properties.FunctionVersion);
        fn.aliases.set(properties.Name, version);
        const ref = `${fn.configuration.arn}:${properties.Name}`;
        return { ref, attributes: { AliasArn: ref } };
      },
    },

    'AWS::Lambda::Permission': {
      create(resource) {
        const { fn, qualifier } = functions.find(resource.properties.FunctionName);
        const target = qualifier ? `${fn.configuration.arn}:${qualifier}` : fn.configuration.arn;
        const statements = fn.policies.get(target) ?? [];
        statements.push(permissionStatement(cloud, resource, target));
        fn.policies.set(target, statements);
        cloud.setResourcePolicy(target, { Version: '2012-10-17', Statement: statements });
        return { ref: resource.physicalName(100), attributes: { Id: resource.physicalName(100) } };
      },
    },

    'AWS::Lambda::EventInvokeConfig': {
      create({ properties, logicalId }) {
        const { fn } = functions.find(properties.FunctionName, properties.Qualifier);
        fn.asyncConfigs.set(properties.Qualifier, {
          maximumRetryAttempts: numberOf(properties.MaximumRetryAttempts),
          maximumEventAgeSeconds: numberOf(properties.MaximumEventAgeInSeconds),
          onSuccess: properties.DestinationConfig?.OnSuccess?.Destination,
          onFailure: properties.DestinationConfig?.OnFailure?.Destination,
        });
        return { ref: logicalId };
      },
    },
  };
}

/** What this function needs that no runtime of ours has; it may stand in the template, and is told when it is called. */
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function unsupportedPart(properties: Record<string, any>, foreignLayer: string | undefined): string | undefined {
  if (properties.PackageType === 'Image') return 'functions from container images';
  if (foreignLayer !== undefined) return `the layer ${foreignLayer}, which the assembly does not have`;
  if (properties.FileSystemConfigs?.length > 0) return "functions' file systems";
  return undefined;
}

/** The statement that AddPermission adds: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
function permissionStatement(cloud: Cloud, resource: ResourceRequest, target: string): PolicyStatement {
  const { Action, Principal, SourceArn, SourceAccount, FunctionUrlAuthType, PrincipalOrgID, EventSourceToken, InvokedViaFunctionUrl } =
    resource.properties;
  const condition = {
    ...(SourceArn && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    StringEquals: {
      ...(SourceAccount && { 'AWS:SourceAccount': SourceAccount }),
      ...(FunctionUrlAuthType && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
      ...(PrincipalOrgID && { 'aws:PrincipalOrgID': PrincipalOrgID }),
      ...(EventSourceToken && { 'lambda:EventSourceToken': EventSourceToken }),
    },
    ...(InvokedViaFunctionUrl !== undefined && { Bool: { 'lambda:InvokedViaFunctionUrl': String(InvokedViaFunctionUrl) } }),
  };
  const { StringEquals, ...others } = condition;
  const Condition = Object.keys(StringEquals).length > 0 ? condition : others;
  return {
    Sid: resource.logicalId,
    Effect: 'Allow',
    Action,
    Resource: target,
    Principal: principal(cloud, Principal),
    ...(Object.keys(Condition).length > 0 && { Condition }),
  };
}

function principal(cloud: Cloud, given: string): PolicyStatement['Principal'] {
  if (given === '*') return '*';
  if (/^\d{12}$/.test(given)) return { AWS: `arn:${cloud.partition}:iam::${given}:root` };
  return given.startsWith('arn:') ? { AWS: given } : { Service: given };
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function textValues(variables: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(variables ?? {}).map(([name, value]) => [name, String(value)]));
}
