/** AWS CodeBuild: builds of the assembly's projects. Source: https://docs.aws.amazon.com/codebuild/latest/APIReference/ */
import { type AccessRequest, ApiError, type Cloud, type Principal, type Service } from '../../cloud-types';
import { notImplemented } from '../errors';
import { arn, uuid } from '../identifiers';
import type { Jobs } from '../jobs';
import { Build, type EnvironmentVariable, type Project } from './build';
import { project } from './project';

interface StartInput {
  readonly projectName: string;
  readonly sourceVersion?: string;
  readonly environmentVariablesOverride?: readonly EnvironmentVariable[];
  readonly buildspecOverride?: string;
  readonly timeoutInMinutesOverride?: number;
  readonly serviceRoleOverride?: string;
  readonly imageOverride?: string;
  readonly computeTypeOverride?: string;
  readonly environmentTypeOverride?: string;
  readonly privilegedModeOverride?: boolean;
}

/** What is refused loudly rather than left out. */
const SUPPORTED: ReadonlySet<string> = new Set<keyof StartInput>([
  'projectName',
  'sourceVersion',
  'environmentVariablesOverride',
  'buildspecOverride',
  'timeoutInMinutesOverride',
  'serviceRoleOverride',
  'imageOverride',
  'computeTypeOverride',
  'environmentTypeOverride',
  'privilegedModeOverride',
]);

interface DeployedProject {
  readonly project: Project;
  readonly builds: Build[];
}

export function createCodeBuild(cloud: Cloud, jobs: Jobs): Service {
  const projects = new Map<string, DeployedProject>();

  const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);
  const projectArn = (name: string): string => arn(cloud, 'codebuild', `project/${nameOf(name)}`);
  /** A build's id is its project's name, a colon and a UUID. */
  const projectOf = (buildId: string): string => nameOf(buildId).split(':')[0];
  const findBuild = (id: string): Build | undefined =>
    projects.get(projectOf(id))?.builds.find((build) => build.id === nameOf(id) || build.arn === id);

  function start(input: StartInput, caller: Principal) {
    const found = projects.get(nameOf(input.projectName));
    if (!found) throw new ApiError('ResourceNotFoundException', `Project cannot be found: ${projectArn(input.projectName)}`);
    const unsupported = Object.keys(input).find((member) => !SUPPORTED.has(member));
    if (unsupported) throw notImplemented(`codebuild:StartBuild with ${unsupported}`);
    const { builds } = found;
    const limit = found.project.concurrentBuildLimit;
    // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html: "new builds are throttled and are not run"
    if (limit !== undefined && builds.filter((build) => build.active).length >= limit) {
      throw new ApiError('AccountLimitExceededException', `Cannot have more than ${limit} builds in queue for the project`);
    }
    const id = `${found.project.name}:${uuid(cloud)}`;
    const build = new Build(cloud, {
      id,
      arn: arn(cloud, 'codebuild', `build/${id}`),
      number: builds.length + 1,
      project: overridden(found.project, input),
      sourceVersion: input.sourceVersion,
      initiator: caller.kind === 'role' ? nameOf(caller.arn) : caller.kind,
    });
    build.start(jobs);
    builds.push(build);
    return { build: build.describe() };
  }

  return {
    name: 'codebuild',
    operations: {
      StartBuild: {
        access: (input: StartInput): AccessRequest[] => [
          { action: 'codebuild:StartBuild', resource: projectArn(input.projectName) },
          ...(input.serviceRoleOverride
            ? [
                {
                  action: 'iam:PassRole',
                  resource: input.serviceRoleOverride,
                  context: { 'iam:passedtoservice': 'codebuild.amazonaws.com' },
                },
              ]
            : []),
        ],
        run: start,
      },
      BatchGetBuilds: {
        access: (input: { ids: readonly string[] }) =>
          [...new Set(input.ids.map(projectOf))].map((name) => ({ action: 'codebuild:BatchGetBuilds', resource: projectArn(name) })),
        run: ({ ids }: { ids: readonly string[] }) => ({
          builds: ids.flatMap((id) => findBuild(id)?.describe() ?? []),
          buildsNotFound: ids.filter((id) => !findBuild(id)),
        }),
      },
      StopBuild: {
        access: (input: { id: string }) => [{ action: 'codebuild:StopBuild', resource: projectArn(projectOf(input.id)) }],
        run({ id }: { id: string }) {
          const build = findBuild(id);
          if (!build) throw new ApiError('ResourceNotFoundException', `Build cannot be found: ${id}`);
          build.stop();
          return { build: build.describe() };
        },
      },
    },
    resources: {
      /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html */
      'AWS::CodeBuild::Project': {
        create({ properties, path, logicalId, physicalName }) {
          const name: string = properties.Name ?? physicalName(150);
          projects.set(name, { project: project(properties, name, projectArn(name)), builds: [] });
          jobs.deploy({ service: 'codebuild', ref: name, name, path: path ?? logicalId });
          return { ref: name, attributes: { Arn: projectArn(name) } };
        },
      },
    },
  };
}

function overridden(base: Project, input: StartInput): Project {
  const { environment } = base;
  const variables = new Map(
    [...environment.environmentVariables, ...(input.environmentVariablesOverride ?? [])].map((one) => [one.name, one]),
  );
  return {
    ...base,
    buildspec: input.buildspecOverride ?? base.buildspec,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? base.timeoutInMinutes,
    serviceRole: input.serviceRoleOverride ?? base.serviceRole,
    environment: {
      type: input.environmentTypeOverride ?? environment.type,
      image: input.imageOverride ?? environment.image,
      computeType: input.computeTypeOverride ?? environment.computeType,
      privilegedMode: input.privilegedModeOverride ?? environment.privilegedMode,
      environmentVariables: [...variables.values()],
    },
  };
}
