/** Aliases: names that start one of two versions. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html */
import { ApiError, type Cloud, type Operation } from '../../cloud-types';
import { onMachine } from './access';
import { parseStateMachineArn, qualified, versionOf } from './arns';
import type { Alias, Machines, Route, StateMachine } from './machines';
import { newestFirst, type PageRequest, pageOf } from './pages';

export interface CreateAliasRequest {
  readonly name: string;
  readonly description?: string;
  readonly routingConfiguration: readonly Route[];
}

interface UpdateInput {
  readonly stateMachineAliasArn: string;
  readonly description?: string;
  readonly routingConfiguration?: readonly Route[];
}

interface AliasInput {
  readonly stateMachineAliasArn: string;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_ALIASES = 100;

export class Aliases {
  constructor(
    private readonly cloud: Cloud,
    private readonly machines: Machines,
  ) {}

  /** A repeated request gives what the first made. */
  create({ name, description, routingConfiguration: routes }: CreateAliasRequest): Alias {
    const stateMachine = this.routed(routes);
    const former = stateMachine.aliases.get(name);
    if (former) {
      if (former.description === description && JSON.stringify(former.routes) === JSON.stringify(routes)) return former;
      const why = 'because an alias with the same name and a different routing configuration already exists';
      throw new ApiError('ConflictException', `Failed to create alias ${why}.`, 409);
    }
    if (stateMachine.aliases.size >= MAX_ALIASES) {
      const limit = `a state machine has at most ${MAX_ALIASES} aliases: delete some`;
      throw new ApiError('ServiceQuotaExceededException', `Service quota exceeded: ${limit}`, 402);
    }
    const now = this.cloud.clock.now();
    const alias: Alias = { arn: `${stateMachine.arn}:${name}`, name, description, routes, createdAt: now, updatedAt: now };
    stateMachine.aliases.set(name, alias);
    return alias;
  }

  update({ stateMachineAliasArn: arn, description, routingConfiguration }: UpdateInput): Alias {
    const { stateMachine, alias } = this.find(arn);
    if (description === undefined && routingConfiguration === undefined) {
      throw new ApiError('ValidationException', 'Either the description or the routing configuration must be specified', 400, {
        reason: 'MISSING_REQUIRED_PARAMETER',
      });
    }
    if (routingConfiguration && this.routed(routingConfiguration) !== stateMachine) {
      throw refusedRouting('must contain versions of the state machine that the alias belongs to', versionArns(routingConfiguration));
    }
    const updated: Alias = {
      ...alias,
      description: description ?? alias.description,
      routes: routingConfiguration ?? alias.routes,
      updatedAt: this.cloud.clock.now(),
    };
    stateMachine.aliases.set(alias.name, updated);
    return updated;
  }

  /** @throws ApiError InvalidArn, ResourceNotFound */
  find(arn: string): { stateMachine: StateMachine; alias: Alias } {
    const { base, qualifier } = parseStateMachineArn(arn);
    const stateMachine = this.machines.find(base);
    const alias = qualifier === undefined ? undefined : stateMachine?.aliases.get(qualifier);
    if (!stateMachine || !alias) throw notFound(arn);
    return { stateMachine, alias };
  }

  /** The state machine whose versions these routes lead to. */
  private routed(routes: readonly Route[]): StateMachine {
    const arns = versionArns(routes);
    if (arns.some((arn) => versionOf(arn) === undefined)) throw refusedRouting('must contain state machine version ARNs', arns);
    if (new Set(arns).size < arns.length) throw refusedRouting('must contain distinct state machine version ARNs', arns);
    const bases = new Set(arns.map((arn) => parseStateMachineArn(arn).base));
    if (bases.size > 1) throw refusedRouting('must contain versions of one state machine', arns);
    const weights = routes.map(({ weight }) => weight);
    if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
      const received = `Received: [${weights.join(', ')}]`;
      throw invalidRouting(`Sum of routing configuration weights must equal 100. ${received}`);
    }
    const missing = arns.find((arn) => !this.machines.version(arn));
    const stateMachine = this.machines.find([...bases][0]);
    if (missing !== undefined || !stateMachine) throw notFound(missing ?? arns[0]);
    return stateMachine;
  }
}

export function aliasOperations(machines: Machines, aliases: Aliases): Record<string, Operation> {
  const onAlias = (action: string) => (input: AliasInput) => onMachine(action, input.stateMachineAliasArn);
  return {
    CreateStateMachineAlias: {
      access({ name, routingConfiguration }: CreateAliasRequest) {
        const { base } = qualified(routingConfiguration?.[0]?.stateMachineVersionArn ?? '*');
        return onMachine('CreateStateMachineAlias', `${base}:${name}`);
      },
      run(input: CreateAliasRequest) {
        const { arn, createdAt } = aliases.create(input);
        return { stateMachineAliasArn: arn, creationDate: new Date(createdAt) };
      },
    },
    UpdateStateMachineAlias: {
      access: onAlias('UpdateStateMachineAlias'),
      run: (input: UpdateInput) => ({ updateDate: new Date(aliases.update(input).updatedAt) }),
    },
    DeleteStateMachineAlias: {
      access: onAlias('DeleteStateMachineAlias'),
      run({ stateMachineAliasArn }: AliasInput) {
        const { stateMachine, alias } = aliases.find(stateMachineAliasArn);
        stateMachine.aliases.delete(alias.name);
        return {};
      },
    },
    DescribeStateMachineAlias: {
      access: onAlias('DescribeStateMachineAlias'),
      run({ stateMachineAliasArn }: AliasInput) {
        const { alias } = aliases.find(stateMachineAliasArn);
        return {
          stateMachineAliasArn: alias.arn,
          name: alias.name,
          description: alias.description,
          routingConfiguration: alias.routes,
          creationDate: new Date(alias.createdAt),
          updateDate: new Date(alias.updatedAt),
        };
      },
    },
    // With a version's ARN: the aliases that lead to it.
    ListStateMachineAliases: {
      access: (input: { stateMachineArn: string }) => onMachine('ListStateMachineAliases', input.stateMachineArn),
      run(input: PageRequest & { stateMachineArn: string }) {
        const { stateMachineArn: arn } = input;
        const { stateMachine, version } = machines.resolve(arn, ([route]) => route);
        const found = [...stateMachine.aliases.values()].filter(
          ({ routes }) => !version || routes.some((route) => route.stateMachineVersionArn === version.arn),
        );
        const { items, nextToken } = pageOf(
          newestFirst(found, ({ createdAt }) => createdAt),
          input,
        );
        const stateMachineAliases = items.map((alias) => ({
          stateMachineAliasArn: alias.arn,
          creationDate: new Date(alias.createdAt),
        }));
        return { stateMachineAliases, nextToken };
      },
    },
  };
}

const versionArns = (routes: readonly Route[]): string[] => routes.map(({ stateMachineVersionArn }) => stateMachineVersionArn);

function refusedRouting(rule: string, arns: readonly string[]): ApiError {
  return invalidRouting(`Routing configuration ${rule}. Received: [${arns.join(', ')}]`);
}

function invalidRouting(message: string): ApiError {
  return new ApiError('ValidationException', message, 400, { reason: 'INVALID_ROUTING_CONFIGURATION' });
}

function notFound(resourceName: string): ApiError {
  return new ApiError('ResourceNotFound', 'Request references a resource that does not exist.', 404, { resourceName });
}
