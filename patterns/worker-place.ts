import { aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A cluster for the samples' containers, and where in it they run. */
export function workerPlace(scope: Construct) {
  const vpc = new ec2.Vpc(scope, 'Network', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'worker', subnetType: ec2.SubnetType.PUBLIC }],
    gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    restrictDefaultSecurityGroup: false,
  });
  const cluster = new ecs.Cluster(scope, 'Cluster', { vpc });
  Validations.of(vpc).acknowledge({
    id: 'AwsSolutions-VPC7',
    reason: 'A sample: nobody asks who talked to whom. Nothing listens in it.',
  });
  Validations.of(cluster).acknowledge({ id: 'AwsSolutions-ECS4', reason: 'A sample: the logs of its tasks are enough.' });
  return {
    cluster,
    // For the image and S3; nothing may come in.
    subnets: { subnetType: ec2.SubnetType.PUBLIC },
    assignPublicIp: true,
    securityGroups: [new ec2.SecurityGroup(scope, 'WorkerGroup', { vpc, description: 'Lets nothing in' })],
  };
}

/**
 * The image of a container.
 * @param repository name of the repository in ECR that has it, tagged `latest`; without one nothing is named but a stand-in
 */
export function workerImage(scope: Construct, standIn: string, repository?: string): ecs.ContainerImage {
  return repository
    ? ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(scope, 'Image', repository))
    : ecs.ContainerImage.fromRegistry(standIn);
}
