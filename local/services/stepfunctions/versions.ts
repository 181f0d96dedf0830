/** Versions: numbered, immutable. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html */
import { ApiError, type Operation } from '../../cloud-types';
import { onMachine } from './access';
import { parseStateMachineArn, versionOf } from './arns';
import type { Machines } from './machines';
import { newestFirst, type PageRequest, pageOf } from './pages';

interface PublishInput {
  readonly stateMachineArn: string;
  readonly revisionId?: string;
  readonly description?: string;
}

export function versionOperations(machines: Machines): Record<string, Operation> {
  return {
    PublishStateMachineVersion: {
      access: (input: PublishInput) => onMachine('PublishStateMachineVersion', input.stateMachineArn),
      run({ stateMachineArn, revisionId, description }: PublishInput) {
        const stateMachine = machines.get(stateMachineArn);
        checkRevision(revisionId, stateMachine.revision.id ?? 'INITIAL');
        const { arn, createdAt } = machines.publish(stateMachine, description);
        return { stateMachineVersionArn: arn, creationDate: new Date(createdAt) };
      },
    },

    // One that is not there is no error.
    DeleteStateMachineVersion: {
      access: (input: { stateMachineVersionArn: string }) => onMachine('DeleteStateMachineVersion', input.stateMachineVersionArn),
      run({ stateMachineVersionArn: arn }: { stateMachineVersionArn: string }) {
        const { base } = parseStateMachineArn(arn);
        const number = versionOf(arn);
        if (number === undefined) throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
        const stateMachine = machines.find(base);
        if (!stateMachine) return {};
        const names = [...stateMachine.aliases.values()]
          .filter(({ routes }) => routes.some((route) => route.stateMachineVersionArn === arn))
          .map(({ name }) => name);
        if (names.length > 0) {
          throw new ApiError(
            'ConflictException',
            `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names.join(', ')}]`,
            409,
          );
        }
        stateMachine.versions.delete(number);
        return {};
      },
    },

    ListStateMachineVersions: {
      access: (input: { stateMachineArn: string }) => onMachine('ListStateMachineVersions', input.stateMachineArn),
      run(input: PageRequest & { stateMachineArn: string }) {
        const versions = machines.get(input.stateMachineArn).versions.values();
        const { items, nextToken } = pageOf(
          newestFirst(versions, ({ createdAt }) => createdAt),
          input,
        );
        const stateMachineVersions = items.map(({ arn, createdAt }) => ({
          stateMachineVersionArn: arn,
          creationDate: new Date(createdAt),
        }));
        return { stateMachineVersions, nextToken };
      },
    },
  };
}

/** A revision that is named must be the current one. @throws ApiError ConflictException */
export function checkRevision(asked: string | undefined, current: string): void {
  if (asked === undefined || asked === current) return;
  throw new ApiError(
    'ConflictException',
    `Failed to publish the State Machine version for revision ${asked}. The current State Machine revision is ${current}.`,
    409,
  );
}
