import { ApiError } from '../../cloud-types';

/** `AWS::ECS::TaskDefinition`, members named as the API does. */
export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly networkMode?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly containers: readonly ContainerDefinition[];
}

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly cpu: number;
  readonly memory?: number;
  readonly memoryReservation?: number;
  readonly essential: boolean;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly stopTimeout: number;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: 30 seconds unless it says otherwise. */
const DEFAULT_STOP_TIMEOUT = 30;

export class TaskDefinitions {
  readonly #all: TaskDefinition[] = [];

  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  register(properties: Record<string, any>, family: string, arnOf: (revision: number) => string): TaskDefinition {
    const revision = this.#all.filter((one) => one.family === family).length + 1;
    const definition: TaskDefinition = {
      arn: arnOf(revision),
      family,
      revision,
      networkMode: properties.NetworkMode,
      cpu: textOf(properties.Cpu),
      memory: textOf(properties.Memory),
      taskRoleArn: properties.TaskRoleArn,
      executionRoleArn: properties.ExecutionRoleArn,
      containers: (properties.ContainerDefinitions ?? []).map(container),
    };
    this.#all.push(definition);
    return definition;
  }

  /** "family", "family:revision" or an ARN; the newest without a revision. */
  find(reference: string): TaskDefinition | undefined {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return this.#all.findLast(({ family, revision }) => name === family || name === `${family}:${revision}`);
  }

  get(reference: string): TaskDefinition {
    const found = this.find(reference);
    if (!found) throw new ApiError('ClientException', 'TaskDefinition not found.');
    return found;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function container(given: Record<string, any>): ContainerDefinition {
  return {
    name: given.Name,
    image: given.Image,
    cpu: Number(given.Cpu ?? 0),
    memory: numberOf(given.Memory),
    memoryReservation: numberOf(given.MemoryReservation),
    essential: given.Essential === undefined || String(given.Essential) === 'true',
    command: given.Command ?? [],
    environment: Object.fromEntries(
      (given.Environment ?? []).map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, String(Value)]),
    ),
    stopTimeout: Number(given.StopTimeout ?? DEFAULT_STOP_TIMEOUT),
  };
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
