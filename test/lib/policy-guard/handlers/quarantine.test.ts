import type { IAMClient } from '@aws-sdk/client-iam';
import type { S3Client } from '@aws-sdk/client-s3';
import { contain } from '../../../../lib/policy-guard/handlers/contain';
import type { GuardCase } from '../../../../lib/policy-guard/handlers/guard-case';
import { lift, quarantine } from '../../../../lib/policy-guard/handlers/quarantine';
import { restore } from '../../../../lib/policy-guard/handlers/restore';
import type { Services } from '../../../../lib/policy-guard/handlers/services';

const DEV = { type: 'User', name: 'dev' } as const;
const QUARANTINE = 'arn:aws:iam::111122223333:policy/quarantine';
const POLICY = 'arn:aws:iam::111122223333:policy/p';

/** IAM and S3 as far as a user's policies and objects go; `before` comes before a call has its effect. */
function world(before: (call: string) => void = () => {}) {
  const attached = new Set<string>();
  const objects = new Set<string>();
  const policy = { default: 'v2' };
  const calls: string[] = [];
  const answers: Record<string, (input: Record<string, string>) => unknown> = {
    AttachUserPolicyCommand: ({ PolicyArn }) => void attached.add(PolicyArn),
    DetachUserPolicyCommand: ({ PolicyArn }) => void attached.delete(PolicyArn),
    ListAttachedUserPoliciesCommand: () => ({ AttachedPolicies: [...attached].map((PolicyArn) => ({ PolicyArn })) }),
    PutObjectCommand: ({ Key }) => void objects.add(Key),
    DeleteObjectCommand: ({ Key }) => void objects.delete(Key),
    ListObjectsV2Command: ({ Prefix }) => ({ Contents: [...objects].filter((Key) => Key.startsWith(Prefix)).map((Key) => ({ Key })) }),
    GetPolicyCommand: () => ({ Policy: { DefaultVersionId: policy.default } }),
    GetPolicyVersionCommand: () => ({ PolicyVersion: { Document: '%7B%7D' } }),
    SetDefaultPolicyVersionCommand: () => ({}),
  };
  const client = {
    async send(command: { constructor: { name: string }; input: Record<string, string> }) {
      const { name } = command.constructor;
      before(name);
      calls.push(name.replace('Command', ''));
      return answers[name](command.input) ?? {};
    },
  };
  const services: Services = {
    iam: Object.assign(Object.create(IAM_PROTOTYPE), client) as IAMClient,
    s3: client as unknown as S3Client,
    evidenceBucket: 'evidence',
    quarantineArn: QUARANTINE,
  };
  return { services, attached, objects, policy, calls, answers };
}

// The paginators ask whether they were given a client.
const IAM_PROTOTYPE = (jest.requireActual('@aws-sdk/client-iam') as { IAMClient: { prototype: object } }).IAMClient.prototype;

test('the hold is written before the policy is attached', async () => {
  const { services, calls } = world();
  await quarantine(services, 'one', DEV);
  expect(calls).toEqual(['PutObject', 'AttachUserPolicy', 'ListAttachedUserPolicies']);
});

test('a policy that IAM does not show as attached is an error', async () => {
  const { services, answers } = world();
  answers.AttachUserPolicyCommand = () => ({});
  await expect(quarantine(services, 'one', DEV)).rejects.toThrow('not attached to the user dev though IAM took the call');
});

test('a case that comes while the quarantine is lifted is not left open', async () => {
  const { services, attached, objects } = world((call) => {
    if (call === 'DetachUserPolicyCommand') objects.add('holds/User/dev/two');
  });
  await quarantine(services, 'one', DEV);
  expect(await lift(services, 'one', DEV)).toEqual(['two']);
  expect([...attached]).toEqual([QUARANTINE]);
});

test('lifting twice is lifting once', async () => {
  const { services, attached, objects } = world();
  await quarantine(services, 'one', DEV);
  expect([await lift(services, 'one', DEV), await lift(services, 'one', DEV)]).toEqual([[], []]);
  expect([[...attached], [...objects]]).toEqual([[], []]);
});

test('a user who is called as the beginning of another holds nobody else', async () => {
  const { services } = world();
  await quarantine(services, 'two', { type: 'User', name: 'dev2' });
  await quarantine(services, 'one', DEV);
  expect(await lift(services, 'one', DEV)).toEqual([]);
});

const CASE = {
  id: 'one',
  target: { kind: 'MANAGED', policyArn: POLICY },
  documentHash: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', // of {}
  containment: { kind: 'VERSION', policyArn: POLICY, from: 'v2', to: 'v1' },
} as unknown as GuardCase;

test('a version that IAM still reads as the default is an error that passes', async () => {
  const { services, policy } = world();
  await expect(contain(CASE, services)).rejects.toMatchObject({ name: 'Unverified', message: expect.stringMatching(/reads v2, not v1$/) });
  policy.default = 'v1';
  expect(await contain(CASE, services)).toEqual({ contained: true });
  await expect(restore(CASE, services)).rejects.toMatchObject({ name: 'Unverified', message: expect.stringMatching(/reads v1, not v2$/) });
});

test('a version with another document is not put back', async () => {
  const { services, answers, calls } = world();
  answers.GetPolicyVersionCommand = () => ({ PolicyVersion: { Document: '%7B%20%7D' } });
  await expect(restore(CASE, services)).rejects.toMatchObject({ name: 'ChangedMeanwhile' });
  expect(calls).not.toContain('SetDefaultPolicyVersion');
});
