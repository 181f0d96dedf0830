import { constructPath } from './paths';
import type { Assembly, StackTemplate } from './types';

/** The definition of a state machine, as it stands in a template. */
export interface TemplateDefinition {
  /** Construct path, or stack and logical id. */
  readonly path: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  /** JSON text; what is only known when it is deployed has a stand-in. */
  readonly text: string;
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Stands for anything else: mostly it is a function that a task names. */
const STAND_IN = 'arn:aws:lambda:us-east-1:123456789012:function:stand-in';

/** The definitions of all state machines, without deploying anything. Those in files or in S3 are left out. */
export function definitionsOf(assembly: Assembly): TemplateDefinition[] {
  return assembly.stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources ?? {}).flatMap(([logicalId, resource]) => definitionOf(stack, logicalId, resource)),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function definitionOf(stack: StackTemplate, logicalId: string, resource: any): TemplateDefinition[] {
  const { DefinitionString, Definition, StateMachineType = 'STANDARD' } = resource.Properties ?? {};
  if (resource.Type !== 'AWS::StepFunctions::StateMachine' || !(DefinitionString ?? Definition)) return [];
  const path = constructPath(stack, logicalId)?.replace(/\/Resource$/, '') ?? `${stack.stackName}/${logicalId}`;
  const text = DefinitionString === undefined ? JSON.stringify(Definition) : textOf(DefinitionString);
  return [{ path, type: StateMachineType, text }];
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function textOf(value: any): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value?.['Fn::Join'])) return value['Fn::Join'][1].map(textOf).join(value['Fn::Join'][0]);
  if (value?.['Fn::Sub'] !== undefined) {
    const [template] = [value['Fn::Sub']].flat();
    return template.replace(/\$\{([^!}]+)\}/g, (_: string, name: string) => PSEUDO_PARAMETERS[name] ?? STAND_IN);
  }
  return PSEUDO_PARAMETERS[value?.Ref] ?? STAND_IN;
}
