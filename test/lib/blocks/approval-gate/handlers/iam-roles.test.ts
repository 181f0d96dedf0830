import { IamRoles } from '../../../../../lib/blocks/approval-gate/handlers/iam-roles';
import { signedIn } from '../../../../../lib/blocks/approval-gate/handlers/signed-in';

const ROLES = new IamRoles([
  { roleArn: 'arn:aws:iam::111122223333:role/Ann', approver: 'Ann@example.com ' },
  { roleArn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Desk_0a1b' },
  { roleArn: 'arn:aws-us-gov:iam::444455556666:role/Ann', approver: 'gov@example.com' },
]);

test.each<[string, string | undefined]>([
  ['arn:aws:sts::111122223333:assumed-role/Ann/anything', 'Ann@example.com '],
  ['arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Desk_0a1b/bob@example.com', 'bob@example.com'],
  ['arn:aws-us-gov:sts::444455556666:assumed-role/Ann/x', 'gov@example.com'],
  ['arn:aws:sts::444455556666:assumed-role/Ann/x', undefined],
  ['arn:aws:sts::111122223333:assumed-role/ann/x', undefined],
  ['arn:aws:sts::111122223333:assumed-role/Eve/Ann', undefined],
  ['arn:aws:sts::111122223333:assumed-role/aws-reserved/AWSReservedSSO_Desk_0a1b', undefined],
  ['arn:aws:sts::111122223333:federated-user/Ann', undefined],
  ['arn:aws:iam::111122223333:user/Ann', undefined],
  ['arn:aws:iam::111122223333:role/Ann', undefined],
  ['arn:aws:iam::111122223333:root', undefined],
  ['', undefined],
])('%s is %s', (userArn, approver) => {
  expect(ROLES.approverOf(userArn)).toBe(approver);
});

test('a role that would be two approvers keeps the function from starting, whatever its path', () => {
  const roles = [
    { roleArn: 'arn:aws:iam::111122223333:role/Ann', approver: 'ann@example.com' },
    { roleArn: 'arn:aws:iam::111122223333:role/team/Ann', approver: 'bob@example.com' },
  ];
  expect(() => new IamRoles(roles)).toThrow('the role arn:aws:iam::111122223333:role/team/Ann is named twice among the approvers');
});

describe('who is signed in', () => {
  const event = (authorizer?: object) => ({ rawPath: '/', requestContext: { requestId: 'r', http: { method: 'POST' }, authorizer } });
  const jwt = { claims: { email: 'Bob@example.com', iss: 'https://issuer.example', sub: '7' } };
  const iam = { userArn: 'arn:aws:sts::111122223333:assumed-role/Ann/laptop' };
  const both = { identityClaim: 'email', iamRoles: ROLES };

  test('is said by the signature, or by the token', () => {
    const ann = { identity: 'ann@example.com', issuer: 'arn:aws:iam::111122223333:root', subject: iam.userArn };
    expect(signedIn(event({ iam }), both)).toEqual(ann);
    expect(signedIn(event({ jwt }), both)).toEqual({ identity: 'bob@example.com', issuer: 'https://issuer.example', subject: '7' });
  });

  test.each<[string, object | undefined, object]>([
    ['nothing', undefined, both],
    ['an authorizer that says nothing', {}, both],
    ['a signature, where only tokens count', { iam }, { identityClaim: 'email' }],
    ['a token, where only signatures count', { jwt }, { iamRoles: ROLES }],
    ['a signature of nobody', { iam: {} }, both],
  ])('is nobody by %s', (_, authorizer, settings) => {
    expect(() => signedIn(event(authorizer), settings)).toThrow(expect.objectContaining({ status: 403 }));
  });
});
