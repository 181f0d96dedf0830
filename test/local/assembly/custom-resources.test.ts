import { rolesOfCustomResources } from '../../../local/assembly';
import type { DeployedResource } from '../../../local/assembly/types';

const resource = (type: string, properties: object, Arn?: string): DeployedResource => ({
  type,
  properties,
  attributes: Arn === undefined ? {} : { Arn },
  ref: 'ref',
  logicalId: 'Id',
  path: 'Stack/Id',
  known: true,
});

test("the role of a custom resource's handler, and no other function's", () => {
  const resources = [
    resource('AWS::Lambda::Function', { Role: 'provider-role' }, 'provider'),
    resource('AWS::Lambda::Function', { Role: 'own-role' }, 'own'),
    resource('Custom::S3BucketNotifications', { ServiceToken: 'provider' }),
  ];
  expect(rolesOfCustomResources(resources)).toEqual(new Set(['provider-role']));
});
