import { createInert } from '../../../../local/services/inert';
import { World } from '../world';

let world: World;
beforeEach(async () => {
  world = await World.start((cloud) => [createInert(cloud)]);
});
afterEach(() => world.gateway.close());

test('a network has ids and the attributes that templates refer to', async () => {
  const vpc = await world.create('AWS::EC2::VPC', 'Vpc', { CidrBlock: '10.0.0.0/16' });
  expect(vpc.ref).toMatch(/^vpc-[0-9a-f]{17}$/);
  expect(vpc.attributes).toMatchObject({ VpcId: vpc.ref, CidrBlock: '10.0.0.0/16', DefaultSecurityGroup: expect.stringMatching(/^sg-/) });
  const subnet = await world.create('AWS::EC2::Subnet', 'Subnet', { VpcId: vpc.ref, AvailabilityZone: 'us-east-1b' });
  expect(subnet.attributes).toMatchObject({ SubnetId: subnet.ref, AvailabilityZone: 'us-east-1b', VpcId: vpc.ref });
  const group = await world.create('AWS::EC2::SecurityGroup', 'Group', { VpcId: vpc.ref });
  expect(group.attributes).toMatchObject({ GroupId: group.ref, VpcId: vpc.ref });
  const address = await world.create('AWS::EC2::EIP', 'Address');
  expect([address.ref, address.attributes?.AllocationId]).toEqual([
    expect.stringMatching(/^198\.51\.100\.\d+$/),
    expect.stringMatching(/^eipalloc-/),
  ]);
});
