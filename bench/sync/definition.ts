/** Writes the definition of a synthesized `BucketSync` as JSON, with logical ids in the place of references: `definition.ts <file>`. */
import { writeFileSync } from 'node:fs';
import { App, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BucketSync, SyncDeletion } from '../../lib';

const stack = new Stack(new App(), 'Bench');
new BucketSync(stack, 'Sync', {
  source: new s3.Bucket(stack, 'Source'),
  destination: new s3.Bucket(stack, 'Destination', { versioned: true }),
  deletion: SyncDeletion.afterCopy({ maxCount: 1_000_000 }),
});
const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
const parts: unknown[] = machine.Properties.DefinitionString['Fn::Join'][1];
const textOf = (part: unknown): string => {
  if (typeof part === 'string') return part;
  const { Ref = '', 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  const id = attribute?.[0] ?? Ref;
  return id === 'AWS::Partition' ? 'aws' : /^SyncBulkMapResults/.test(id) ? 'results' : id;
};
writeFileSync(process.argv[2], parts.map(textOf).join(''));
