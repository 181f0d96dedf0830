/** The state machines of a cloud with their revisions, versions and aliases. */

import { invalidDefinitionMessage, isAccepted, validateDefinition } from '../../../lib/asl/validate';
import { ApiError, type Cloud } from '../../cloud-types';
import { parseJson } from '../../engine/data/exact-json';
import type { Machine, MachineType } from '../../engine/types';
import { arn as arnOf, uuid } from '../identifiers';
import { parseStateMachineArn, qualified, versionOf } from './arns';
import { type Configuration, configured } from './configuration';
import { putManagedRule } from './managed-rule';
import { checkName } from './names';

/** A state machine as it was between two updates. It never changes. */
export interface Revision extends Configuration {
  /** None before the first update: it is called "INITIAL" then. */
  readonly id?: string;
  readonly machine: Machine;
  /** As sent. */
  readonly definition: string;
  readonly since: number;
}

export interface Version {
  readonly arn: string;
  readonly revision: Revision;
  readonly description?: string;
  readonly createdAt: number;
}

export interface Route {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

export interface Alias {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly routes: readonly Route[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly type: MachineType;
  readonly createdAt: number;
  /** What a repeated CreateStateMachine must ask for again. */
  readonly created: Publication;
  revision: Revision;
  readonly versions: Map<number, Version>;
  /** The number of the latest version: a deleted one's isn't used again. */
  published: number;
  readonly aliases: Map<string, Alias>;
}

export interface Publication {
  readonly publish?: boolean;
  readonly versionDescription?: string;
}

export interface CreateRequest extends Partial<Configuration>, Publication {
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type?: MachineType;
}

export interface UpdateRequest extends Partial<Configuration>, Publication {
  readonly definition?: string;
  readonly roleArn?: string;
}

/** What an ARN, with or without a version or an alias, means now. */
export interface Resolved {
  readonly stateMachine: StateMachine;
  readonly revision: Revision;
  readonly version?: Version;
  readonly aliasArn?: string;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_VERSIONS = 1000;

export class Machines {
  readonly #byArn = new Map<string, StateMachine>();

  constructor(private readonly cloud: Cloud) {}

  get all(): readonly StateMachine[] {
    return [...this.#byArn.values()];
  }

  /** A repeated request gives what the first made; another role and other tags are no difference. */
  async create(request: CreateRequest): Promise<{ stateMachine: StateMachine; version?: Version }> {
    const { name, definition, roleArn, type = 'STANDARD', publish, versionDescription } = request;
    checkPublication(request);
    checkName(name);
    checkRole(roleArn);
    const arn = arnOf(this.cloud, 'states', `stateMachine:${name}`);
    const machine: Machine = { arn, name, type, roleArn, definition: checkedDefinition(definition, type) };
    const configuration = configured(request);
    const revision: Revision = { ...configuration, machine, definition, since: this.cloud.clock.now() };
    const former = this.#byArn.get(arn);
    if (former) {
      const same = former.type === type && sameRevision(former.revision, revision) && samePublication(former.created, request);
      if (!same) throw new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
      return { stateMachine: former, version: former.versions.get(1) };
    }
    await putManagedRule(this.cloud, roleArn, definition);
    const stateMachine: StateMachine = {
      arn,
      name,
      type,
      createdAt: revision.since,
      created: { publish, versionDescription },
      revision,
      versions: new Map(),
      published: 0,
      aliases: new Map(),
    };
    this.#byArn.set(arn, stateMachine);
    return { stateMachine, version: publish ? this.publish(stateMachine, versionDescription) : undefined };
  }

  /** Without a difference nothing is revised. Executions that run go on with what they were started with. */
  async update(stateMachine: StateMachine, request: UpdateRequest): Promise<Version | undefined> {
    checkPublication(request);
    const { revision: before, type } = stateMachine;
    const { definition = before.definition, roleArn = before.machine.roleArn } = request;
    checkRole(roleArn);
    const machine: Machine = { ...before.machine, roleArn, definition: checkedDefinition(definition, type) };
    const revision = { ...configured(request, before), machine, definition, since: this.cloud.clock.now() };
    if (roleArn !== before.machine.roleArn || !sameRevision(before, revision)) {
      await putManagedRule(this.cloud, roleArn, definition);
      stateMachine.revision = { ...revision, id: uuid(this.cloud) };
    }
    return request.publish ? this.publish(stateMachine, request.versionDescription) : undefined;
  }

  /** A revision is published once only. */
  publish(stateMachine: StateMachine, description?: string): Version {
    const { versions, revision } = stateMachine;
    const former = [...versions.values()].find((version) => version.revision === revision);
    if (former) return former;
    if (versions.size >= MAX_VERSIONS) {
      const limit = `a state machine has at most ${MAX_VERSIONS} versions: delete some`;
      throw new ApiError('ServiceQuotaExceededException', `Service quota exceeded: ${limit}`, 402);
    }
    stateMachine.published += 1;
    const arn = `${stateMachine.arn}:${stateMachine.published}`;
    const version: Version = { arn, revision, description, createdAt: this.cloud.clock.now() };
    versions.set(stateMachine.published, version);
    return version;
  }

  delete(arn: string): void {
    this.#byArn.delete(arn);
  }

  find(arn: string): StateMachine | undefined {
    return this.#byArn.get(arn);
  }

  /** By its own ARN only. @throws ApiError InvalidArn, StateMachineDoesNotExist */
  get(arn: string): StateMachine {
    const { base, qualifier } = parseStateMachineArn(arn);
    const stateMachine = qualifier === undefined ? this.find(base) : undefined;
    if (!stateMachine) throw doesNotExist(arn);
    return stateMachine;
  }

  /** The version of this ARN, if it is there. */
  version(arn: string): Version | undefined {
    return this.find(qualified(arn).base)?.versions.get(versionOf(arn) ?? 0);
  }

  /** By its own ARN, a version's or an alias's. `choose` says which of an alias's routes is taken. */
  resolve(arn: string, choose: (routes: readonly Route[]) => Route): Resolved {
    const { base, qualifier } = parseStateMachineArn(arn);
    const stateMachine = this.find(base);
    if (!stateMachine) throw doesNotExist(arn);
    if (qualifier === undefined) return { stateMachine, revision: stateMachine.revision };
    const alias = stateMachine.aliases.get(qualifier);
    const version = this.version(alias ? choose(alias.routes).stateMachineVersionArn : arn);
    if (!version) throw doesNotExist(arn);
    return { stateMachine, revision: version.revision, version, aliasArn: alias?.arn };
  }

  /** Which version an alias sends an execution to is drawn by weight. */
  readonly byWeight = (routes: readonly Route[]): Route => {
    let drawn = routes.length > 1 ? this.cloud.random() * 100 : 0;
    const drawnRoute = routes.find(({ weight }) => {
      drawn -= weight;
      return drawn < 0;
    });
    return drawnRoute ?? routes[routes.length - 1];
  };
}

/** For what doesn't run: the route that most executions take. */
export function heaviest(routes: readonly Route[]): Route {
  return routes.reduce((most, route) => (route.weight > most.weight ? route : most));
}

function doesNotExist(arn: string): ApiError {
  return new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

function checkPublication({ publish, versionDescription }: Publication): void {
  if (versionDescription === undefined || publish) return;
  throw new ApiError('ValidationException', 'Version description can only be set when publish is true');
}

function checkRole(roleArn: string): void {
  if (/^arn:[^:]+:iam::\d{12}:role\/./.test(roleArn)) return;
  throw new ApiError('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
}

/** Definitions that were accepted, as they were read, oldest first: clouds of the same assembly have the same, and it takes as long as some runs. */
const accepted = new Map<string, unknown>();
const MOST_ACCEPTED = 100;

function checkedDefinition(definition: string, type: MachineType): unknown {
  const key = `${type} ${definition}`;
  const known = accepted.get(key);
  if (known !== undefined) return known;
  const read = readDefinition(definition, type);
  accepted.set(key, read);
  if (accepted.size > MOST_ACCEPTED) accepted.delete([...accepted.keys()][0]);
  return read;
}

function readDefinition(definition: string, type: MachineType): unknown {
  const diagnostics = validateDefinition(definition, { type });
  if (!isAccepted(diagnostics)) throw new ApiError('InvalidDefinition', invalidDefinitionMessage(diagnostics));
  try {
    return parseJson(definition);
  } catch (error) {
    throw new ApiError('InvalidDefinition', `Invalid State Machine Definition: '${(error as Error).message}'`);
  }
}

function sameRevision(one: Revision, other: Revision): boolean {
  const compared = ({ definition, loggingConfiguration, tracingConfiguration, encryptionConfiguration }: Revision) =>
    [definition, loggingConfiguration, tracingConfiguration, encryptionConfiguration].map((part) => JSON.stringify(part)).join();
  return compared(one) === compared(other);
}

function samePublication(one: Publication, other: Publication): boolean {
  return Boolean(one.publish) === Boolean(other.publish) && one.versionDescription === other.versionDescription;
}
