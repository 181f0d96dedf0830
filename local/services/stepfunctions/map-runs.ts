/** Runs of Distributed Maps. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html */
import { ApiError, type Operation } from '../../cloud-types';
import type { Engine, MapRun, MapRunCounts, MapRunSettings } from '../../engine/types';
import { on } from './access';
import { checkArn } from './arns';
import { newestFirst, type PageRequest, pageOf } from './pages';

interface MapRunInput {
  readonly mapRunArn: string;
}

export function mapRunOperations(engine: Engine): Record<string, Operation> {
  return {
    ListMapRuns: {
      access: (input: { executionArn: string }) => on('ListMapRuns', input.executionArn),
      run(input: PageRequest & { executionArn: string }) {
        const { executionArn } = input;
        checkArn(executionArn, 'execution');
        if (!engine.execution(executionArn)) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
        const { items, nextToken } = pageOf(
          newestFirst(engine.mapRuns(executionArn), ({ startDate }) => startDate),
          input,
        );
        const mapRuns = items.map((run) => ({
          executionArn,
          mapRunArn: run.arn,
          stateMachineArn: machineOfMapRun(run),
          startDate: new Date(run.startDate),
          stopDate: run.stopDate === undefined ? undefined : new Date(run.stopDate),
        }));
        return { mapRuns, nextToken };
      },
    },

    DescribeMapRun: {
      access: (input: MapRunInput) => on('DescribeMapRun', input.mapRunArn),
      run({ mapRunArn }: MapRunInput) {
        const run = mapRunOf(engine, mapRunArn);
        return {
          mapRunArn,
          executionArn: run.executionArn,
          status: run.status,
          startDate: new Date(run.startDate),
          stopDate: run.stopDate === undefined ? undefined : new Date(run.stopDate),
          maxConcurrency: run.maxConcurrency,
          toleratedFailureCount: run.toleratedFailureCount,
          toleratedFailurePercentage: run.toleratedFailurePercentage,
          itemCounts: countsOf(run, run.itemCounts),
          executionCounts: countsOf(run, run.executionCounts),
          redriveCount: run.redriveCount,
          redriveDate: run.redriveDate === undefined ? undefined : new Date(run.redriveDate),
        };
      },
    },

    UpdateMapRun: {
      access: (input: MapRunInput) => on('UpdateMapRun', input.mapRunArn),
      run({ mapRunArn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage }: MapRunInput & MapRunSettings) {
        const settings = { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage };
        const { status } = mapRunOf(engine, mapRunArn);
        const refused = (reason: string, message: string) => new ApiError('ValidationException', message, 400, { reason });
        if (Object.values(settings).every((value) => value === undefined)) {
          const names = Object.keys(settings).join(', ');
          throw refused('MISSING_REQUIRED_PARAMETER', `At least one of ${names} must be specified`);
        }
        if (status !== 'RUNNING') throw refused('CANNOT_UPDATE_COMPLETED_MAP_RUN', `A Map Run that is ${status} cannot be updated`);
        engine.updateMapRun(mapRunArn, settings);
        return {};
      },
    },
  };
}

/** @throws ApiError InvalidArn, ResourceNotFound */
export function mapRunOf(engine: Engine, arn: string): MapRun {
  checkArn(arn, 'mapRun');
  const run = engine.mapRuns().find((mapRun) => mapRun.arn === arn);
  if (run) return run;
  throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`, 404, { resourceName: arn });
}

/** `…:stateMachine:<name>/<label>`, from `…:mapRun:<name>/<label>:<id>`. */
export function machineOfMapRun({ arn }: MapRun): string {
  return arn.split(':').slice(0, 7).join(':').replace(':mapRun:', ':stateMachine:');
}

/** Results are written when the run ends. Nothing waits for a redrive: what failed is taken up at once. */
function countsOf({ status, writesResults }: MapRun, counts: MapRunCounts) {
  const ended = counts.succeeded + counts.failed + counts.timedOut;
  return { ...counts, resultsWritten: writesResults && status !== 'RUNNING' ? ended : 0, failuresNotRedrivable: 0, pendingRedrive: 0 };
}
