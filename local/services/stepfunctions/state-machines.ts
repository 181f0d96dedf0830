/** State machines themselves: made, changed, described, listed, deleted; and definitions that are only looked at. */
import { type Diagnostic, isAccepted, validateDefinition } from '../../../lib/asl/validate';
import { ApiError, type Cloud, type Operation } from '../../cloud-types';
import type { Engine, MachineType } from '../../engine/types';
import { arn as arnOf } from '../identifiers';
import { on, onMachine, passRole, type Tag, tagging } from './access';
import { parseStateMachineArn } from './arns';
import { type CreateRequest, heaviest, type Machines, type Revision, type UpdateRequest } from './machines';
import { newestFirst, type PageRequest, pageOf } from './pages';
import type { Tags } from './tags';

type CreateInput = CreateRequest & { readonly tags?: readonly Tag[] };
type UpdateInput = UpdateRequest & { readonly stateMachineArn: string };

interface ValidateInput {
  readonly definition: string;
  readonly type?: MachineType;
  readonly severity?: Diagnostic['severity'];
  readonly maxResults?: number;
}

const MAX_DIAGNOSTICS = 100;

export function stateMachineOperations(cloud: Cloud, engine: Engine, machines: Machines, tags: Tags): Record<string, Operation> {
  const publishing = (arn: string, publish: boolean | undefined) => (publish ? onMachine('PublishStateMachineVersion', arn) : []);

  return {
    CreateStateMachine: {
      access(input: CreateInput) {
        const arn = arnOf(cloud, 'states', `stateMachine:${input.name}`);
        return [
          ...onMachine('CreateStateMachine', arn),
          ...passRole(input.roleArn),
          ...publishing(arn, input.publish),
          ...tagging(arn, input.tags),
        ];
      },
      async run(input: CreateInput) {
        tags.with('', input.tags ?? []);
        const { stateMachine, version } = await machines.create(input);
        if (!tags.has(stateMachine.arn)) tags.put(stateMachine.arn, input.tags ?? []);
        return {
          stateMachineArn: stateMachine.arn,
          creationDate: new Date(stateMachine.createdAt),
          stateMachineVersionArn: version?.arn,
        };
      },
    },

    UpdateStateMachine: {
      access: (input: UpdateInput) => [
        ...onMachine('UpdateStateMachine', input.stateMachineArn),
        ...passRole(input.roleArn),
        ...publishing(input.stateMachineArn, input.publish),
      ],
      async run(input: UpdateInput) {
        const stateMachine = machines.get(input.stateMachineArn);
        const { definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration } = input;
        if ([definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration].every((member) => member == null)) {
          throw new ApiError(
            'MissingRequiredParameter',
            'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
          );
        }
        const version = await machines.update(stateMachine, input);
        return {
          updateDate: new Date(cloud.clock.now()),
          revisionId: stateMachine.revision.id,
          stateMachineVersionArn: version?.arn,
        };
      },
    },

    // What runs is ended at once; on AWS at its next transition.
    DeleteStateMachine: {
      access: (input: { stateMachineArn: string }) => onMachine('DeleteStateMachine', input.stateMachineArn),
      run({ stateMachineArn }: { stateMachineArn: string }) {
        const { base, qualifier } = parseStateMachineArn(stateMachineArn);
        if (qualifier !== undefined) throw new ApiError('InvalidArn', `Invalid Arn: '${stateMachineArn}'`);
        machines.delete(base);
        tags.delete(base);
        for (const { arn, status } of engine.executions(base)) if (status === 'RUNNING') engine.stopExecution(arn);
        return {};
      },
    },

    DescribeStateMachine: {
      access: (input: { stateMachineArn: string }) => onMachine('DescribeStateMachine', input.stateMachineArn),
      run({ stateMachineArn }: { stateMachineArn: string }) {
        const { stateMachine, revision, version } = machines.resolve(stateMachineArn, heaviest);
        return {
          ...describedRevision(revision),
          stateMachineArn,
          type: stateMachine.type,
          status: 'ACTIVE',
          creationDate: new Date(version?.createdAt ?? stateMachine.createdAt),
          description: version?.description,
        };
      },
    },

    ListStateMachines: {
      access: () => on('ListStateMachines'),
      run(input: PageRequest) {
        const { items, nextToken } = pageOf(
          newestFirst(machines.all, ({ createdAt }) => createdAt),
          input,
        );
        const stateMachines = items.map(({ arn, name, type, createdAt }) => ({
          stateMachineArn: arn,
          name,
          type,
          creationDate: new Date(createdAt),
        }));
        return { stateMachines, nextToken };
      },
    },

    ValidateStateMachineDefinition: {
      access: () => on('ValidateStateMachineDefinition'),
      run({ definition, type, severity = 'ERROR', maxResults }: ValidateInput) {
        const found = validateDefinition(definition, { type });
        const shown = found.filter((diagnostic) => severity === 'WARNING' || diagnostic.severity === 'ERROR');
        const limit = maxResults || MAX_DIAGNOSTICS;
        return { result: isAccepted(found) ? 'OK' : 'FAIL', diagnostics: shown.slice(0, limit), truncated: shown.length > limit };
      },
    },
  };
}

/** What DescribeStateMachine and DescribeStateMachineForExecution have in common. */
export function describedRevision({ machine, definition, id, ...revision }: Revision) {
  const { loggingConfiguration, tracingConfiguration, encryptionConfiguration } = revision;
  return {
    name: machine.name,
    definition,
    roleArn: machine.roleArn,
    loggingConfiguration,
    tracingConfiguration,
    encryptionConfiguration,
    revisionId: id,
  };
}
