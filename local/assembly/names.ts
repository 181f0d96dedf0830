import { createHash } from 'node:crypto';

/** Types whose physical names AWS takes in lower case only. */
const LOWER_CASE = new Set([
  'AWS::S3::Bucket',
  'AWS::S3Express::DirectoryBucket',
  'AWS::S3::AccessPoint',
  'AWS::ECR::Repository',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::Redshift::Cluster',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::OpenSearchService::Domain',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
]);

/**
 * A physical name as CloudFormation makes them, `stack-logicalId-suffix`, with a suffix that is the same in every run. The
 * default length is one that every service takes.
 */
export function physicalName(type: string, stackName: string, logicalId: string, maxLength = 63): string {
  const suffix = hash(`${stackName}/${logicalId}`).slice(0, 12).toUpperCase();
  const room = Math.max(2, maxLength - suffix.length - 2);
  const stackRoom = Math.max(Math.floor(room / 2), room - logicalId.length);
  const stack = stackName.slice(0, stackRoom);
  const name = `${stack}-${logicalId.slice(0, room - stack.length)}-${suffix}`.slice(-maxLength);
  return LOWER_CASE.has(type) ? name.toLowerCase() : name;
}

/** The name that the template gives a resource of a type that nothing makes: `JobName` or `Name` of an AWS::Glue::Job. */
export function givenName(type: string, properties: Record<string, unknown>): string | undefined {
  const name = properties[`${type.split('::').at(-1)}Name`] ?? properties.Name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** A UUID that is the same in every run. */
export function uuidOf(text: string): string {
  return hash(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
