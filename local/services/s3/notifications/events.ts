/** The shapes of S3's messages. */
import type { Cloud, CloudEvent, Json, Principal } from '../../../cloud-types';
import type { Bucket } from '../bucket';
import { urlEncode } from '../listing';
import type { ObjectVersion } from '../object-version';

export interface ObjectEvent {
  readonly name:
    | `ObjectCreated:${'Put' | 'Copy' | 'CompleteMultipartUpload'}`
    | `ObjectRemoved:${'Delete' | 'DeleteMarkerCreated'}`
    | `ObjectTagging:${'Put' | 'Delete'}`;
  /** The call behind it. */
  readonly api: string;
  readonly key: string;
  readonly version?: ObjectVersion;
  /** In buckets with versioning. */
  readonly versionId?: string;
  readonly caller: Principal;
}

/** What one event has, whomever it is told to. */
export interface Occurrence {
  readonly time: number;
  readonly requestId: string;
  /** Later is greater, for one key. */
  readonly sequencer: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function record(
  cloud: Cloud,
  bucket: Bucket,
  event: ObjectEvent,
  { time, requestId, sequencer }: Occurrence,
  configurationId: string,
): Json {
  const created = event.name.startsWith('ObjectCreated:');
  const tagging = event.name.startsWith('ObjectTagging:');
  return {
    eventVersion: tagging ? '2.3' : '2.1',
    eventSource: 'aws:s3',
    awsRegion: cloud.region,
    eventTime: new Date(time).toISOString(),
    eventName: event.name,
    userIdentity: { principalId: principalId(event.caller) },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': 'stepworks' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket.name, ownerIdentity: { principalId: cloud.accountId }, arn: bucket.arn },
      object: {
        key: urlEncode(event.key),
        ...(created && event.version && { size: event.version.body.length }),
        ...((created || tagging) && event.version && { eTag: event.version.etag }),
        ...(event.versionId !== undefined && { versionId: event.versionId }),
        ...(!tagging && { sequencer: sequencer.toUpperCase() }),
      },
    },
  };
}

const DETAIL_TYPES: Readonly<Record<string, string>> = {
  ObjectCreated: 'Object Created',
  ObjectRemoved: 'Object Deleted',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
};

/** The MD5 of nothing: a delete marker's ETag. */
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html. The key stands there as it is. */
export function bridgeEvent(cloud: Cloud, bucket: Bucket, event: ObjectEvent, { requestId, sequencer }: Occurrence): CloudEvent {
  const kind = event.name.split(':')[0];
  const marker = event.name === 'ObjectRemoved:DeleteMarkerCreated';
  const etag = marker ? EMPTY_ETAG : kind === 'ObjectRemoved' ? undefined : event.version?.etag;
  return {
    source: 'aws.s3',
    'detail-type': DETAIL_TYPES[event.name] ?? DETAIL_TYPES[kind],
    resources: [bucket.arn],
    detail: {
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key: event.key,
        ...(kind === 'ObjectCreated' && event.version && { size: event.version.body.length }),
        ...(etag !== undefined && { etag }),
        ...(event.versionId !== undefined && { 'version-id': event.versionId }),
        ...(kind !== 'ObjectTagging' && { sequencer }),
      },
      'request-id': requestId,
      requester: event.caller.kind === 'service' ? event.caller.service : cloud.accountId,
      'source-ip-address': '127.0.0.1',
      ...(kind !== 'ObjectTagging' && { reason: event.api }),
      ...(kind === 'ObjectRemoved' && { 'deletion-type': marker ? 'Delete Marker Created' : 'Permanently Deleted' }),
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html#test-event */
export function testEvent(bucket: Bucket, { time, requestId }: Occurrence): Json {
  return {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(time).toISOString(),
    Bucket: bucket.name,
    RequestId: requestId,
    HostId: 'stepworks',
  };
}

function principalId(caller: Principal): string {
  switch (caller.kind) {
    case 'role':
      return `AWS:${caller.arn.split('/').at(-1)}:${caller.session ?? 'session'}`;
    case 'service':
      return caller.service;
    case 'operator':
      return 'AWS:operator';
  }
}
