/** One state machine for each job service, with CDK's own tasks under the roles that CDK gives them. */
import { App, type Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import * as batch from 'aws-cdk-lib/aws-batch';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';

const { RUN_JOB } = sfn.IntegrationPattern;

export interface JobStackProps {
  /** TimeoutSeconds of the state. */
  readonly taskTimeout?: Duration;
  /** The service's own time limit. */
  readonly jobTimeout?: Duration;
  readonly pattern?: sfn.IntegrationPattern;
  readonly batchAttempts?: number;
  /** Only ECS offers it: the container is given the token. */
  readonly ecsToken?: boolean;
}

export class JobStack extends Stack {
  constructor(props: JobStackProps = {}) {
    super(new App(), 'Jobs');
    const integrationPattern = props.pattern ?? RUN_JOB;
    const taskTimeout = props.taskTimeout && sfn.Timeout.duration(props.taskTimeout);
    const machine = (id: string, step: sfn.TaskStateBase): sfn.StateMachine =>
      new sfn.StateMachine(this, id, {
        queryLanguage: sfn.QueryLanguage.JSONATA,
        definitionBody: sfn.DefinitionBody.fromChainable(step),
      });

    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const bucket = new s3.Bucket(this, 'Bucket');

    new events.Rule(this, 'Rule', {
      eventPattern: { source: ['aws.glue', 'aws.ecs', 'aws.batch', 'aws.codebuild'] },
      targets: [new targets.SqsQueue(new sqs.Queue(this, 'Events'))],
    });

    const glueRole = new iam.Role(this, 'GlueRole', { assumedBy: new iam.ServicePrincipal('glue.amazonaws.com') });
    table.grantWriteData(glueRole);
    bucket.grantPut(glueRole);
    new glue.CfnJob(this, 'ProcessSales', {
      name: 'process-sales',
      role: glueRole.roleArn,
      command: { name: 'glueetl', scriptLocation: 's3://scripts/process-sales.py' },
      glueVersion: '4.0',
      workerType: 'G.1X',
      numberOfWorkers: 2,
      defaultArguments: { '--mode': 'full', '--date': 'none' },
    });
    machine(
      'Glue',
      tasks.GlueStartJobRun.jsonata(this, 'Run glue job', {
        glueJobName: 'process-sales',
        arguments: sfn.TaskInput.fromObject({ '--date': '{% $states.input.date %}' }),
        integrationPattern,
        // This prop is Glue's own time limit: CDK makes its Timeout of it, and no TimeoutSeconds.
        ...(props.jobTimeout && { taskTimeout: sfn.Timeout.duration(props.jobTimeout) }),
      }),
    );

    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const taskDefinition = new ecs.FargateTaskDefinition(this, 'Report', { family: 'report' });
    table.grantWriteData(taskDefinition.taskRole);
    taskDefinition.addContainer('main', {
      image: ecs.ContainerImage.fromRegistry('public/report:1'),
      command: ['make'],
      environment: { LANG: 'en', KIND: 'daily' },
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'report' }),
    });
    machine(
      'Ecs',
      tasks.EcsRunTask.jsonata(this, 'Run container', {
        cluster: new ecs.Cluster(this, 'Cluster', { vpc }),
        taskDefinition,
        launchTarget: new tasks.EcsFargateLaunchTarget(),
        containerOverrides: [
          {
            containerDefinition: taskDefinition.defaultContainer as ecs.ContainerDefinition,
            environment: [
              { name: 'KIND', value: '{% $states.input.kind %}' },
              ...(props.ecsToken ? [{ name: 'TOKEN', value: '{% $states.context.Task.Token %}' }] : []),
            ],
          },
        ],
        integrationPattern: props.ecsToken ? sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN : integrationPattern,
        taskTimeout,
      }),
    );

    const jobRole = new iam.Role(this, 'BatchJobRole', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    const jobDefinition = new batch.EcsJobDefinition(this, 'Simulate', {
      jobDefinitionName: 'simulate',
      container: new batch.EcsFargateContainerDefinition(this, 'SimulateContainer', {
        image: ecs.ContainerImage.fromRegistry('public/simulate:1'),
        cpu: 1,
        memory: Size.gibibytes(2),
        command: ['run', 'Ref::runs'],
        environment: { SEED: '1' },
        jobRole,
      }),
      parameters: { runs: '10' },
      retryAttempts: props.batchAttempts ?? 1,
      retryStrategies: [
        batch.RetryStrategy.of(batch.Action.EXIT, batch.Reason.CANNOT_PULL_CONTAINER),
        batch.RetryStrategy.of(batch.Action.RETRY, batch.Reason.NON_ZERO_EXIT_CODE),
      ],
    });
    machine(
      'Batch',
      new tasks.BatchSubmitJob(this, 'Submit job', {
        jobName: 'simulation',
        jobDefinitionArn: jobDefinition.jobDefinitionArn,
        jobQueueArn: new batch.JobQueue(this, 'Queue', {
          computeEnvironments: [{ order: 1, computeEnvironment: new batch.FargateComputeEnvironment(this, 'Fargate', { vpc }) }],
        }).jobQueueArn,
        payload: sfn.TaskInput.fromObject({ runs: '{% $states.input.runs %}' }),
        integrationPattern,
        ...(props.jobTimeout && { taskTimeout: sfn.Timeout.duration(props.jobTimeout) }),
      }),
    );

    const project = new codebuild.Project(this, 'Build', {
      projectName: 'build-it',
      buildSpec: codebuild.BuildSpec.fromObject({ version: '0.2' }),
      timeout: props.jobTimeout,
      environmentVariables: { STAGE: { value: 'test' } },
    });
    machine(
      'CodeBuild',
      tasks.CodeBuildStartBuild.jsonata(this, 'Start build', {
        project,
        environmentVariablesOverride: { STAGE: { value: '{% $states.input.stage %}' } },
        integrationPattern,
        taskTimeout,
      }),
    );
  }
}
