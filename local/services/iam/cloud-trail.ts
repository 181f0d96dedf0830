/**
 * "AWS API Call via CloudTrail", which EventBridge has of every call that changes something, refused by IAM itself or not. IAM is a
 * global service: its events are on the bus of us-east-1 and on no other.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html and
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
import { ApiError, type Cloud, type Json, type Operation, type Principal } from '../../cloud-types';
import { digits, uuid } from '../identifiers';
import type { Entities } from './entities';

const REGION = 'us-east-1';

export function withCloudTrail(cloud: Cloud, entities: Entities, eventName: string, operation: Operation): Operation {
  if (cloud.region !== REGION) return operation;
  const tell = (caller: Principal, input: unknown, outcome: { readonly [key: string]: Json }): void => {
    const time = new Date(cloud.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    cloud.emit({
      source: 'aws.iam',
      'detail-type': 'AWS API Call via CloudTrail',
      resources: [],
      detail: {
        eventVersion: '1.09',
        userIdentity: userIdentity(cloud, entities, caller, time),
        eventTime: time,
        eventSource: 'iam.amazonaws.com',
        eventName,
        awsRegion: REGION,
        sourceIPAddress: caller.kind === 'service' ? caller.service : '127.0.0.1',
        userAgent: 'stepworks',
        requestParameters: asRecorded(input),
        responseElements: null,
        ...outcome,
        requestID: uuid(cloud),
        eventID: uuid(cloud),
        readOnly: false,
        eventType: 'AwsApiCall',
        managementEvent: true,
        recipientAccountId: cloud.accountId,
        eventCategory: 'Management',
      },
    });
  };

  return {
    access: (input) => operation.access(input),
    async run(input, caller) {
      try {
        const output = await operation.run(input, caller);
        tell(caller, input, { responseElements: output === undefined ? null : asRecorded(output) });
        return output;
      } catch (error) {
        if (error instanceof ApiError && error.statusCode !== 501) {
          tell(caller, input, { errorCode: `${error.code}Exception`, errorMessage: error.message });
        }
        throw error;
      }
    },
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function userIdentity(cloud: Cloud, entities: Entities, caller: Principal, time: string): Json {
  const { accountId, partition } = cloud;
  if (caller.kind === 'service') return { type: 'AWSService', invokedBy: caller.service };
  if (caller.kind === 'operator') {
    return {
      type: 'IAMUser',
      principalId: 'AIDAOPERATOR',
      arn: `arn:${partition}:iam::${accountId}:user/operator`,
      accountId,
      userName: 'operator',
    };
  }
  const userName = caller.arn.slice(caller.arn.lastIndexOf('/') + 1);
  const principalId = entities.get('Role', userName)?.id ?? '';
  const session = caller.session ?? 'session';
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${session}`,
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${userName}/${session}`,
    accountId,
    accessKeyId: `ASIA${digits(cloud, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId, arn: caller.arn, accountId, userName },
      attributes: { creationDate: time, mfaAuthenticated: 'false' },
    },
  };
}

/** Members begin with a small letter, and dates are written out: "Jan 5, 2026 9:00:00 AM". */
function asRecorded(value: unknown): Json {
  if (value instanceof Date) {
    const [date, time] = [
      value.toLocaleDateString('en-US', { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' }),
      value.toLocaleTimeString('en-US', { timeZone: 'UTC' }),
    ];
    return `${date} ${time.replace(/\s/g, ' ')}`;
  }
  if (Array.isArray(value)) return value.map(asRecorded);
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name[0].toLowerCase() + name.slice(1), asRecorded(member)]),
  );
}
