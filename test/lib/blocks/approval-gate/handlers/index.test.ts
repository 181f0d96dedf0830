const HANDLERS = '../../../../../lib/blocks/approval-gate/handlers';
const VARIABLES = {
  TABLE_NAME: 'table',
  AUDIT_TABLE_NAME: 'audit',
  KEY_ID: 'key',
  IDENTITY_CLAIM: 'email',
  IAM_APPROVERS: '[]',
  API_URL: 'https://api.example',
  AWS_REGION: 'eu-west-1',
};

/** Loads a handler as Lambda does, with these variables and no others. */
async function load(name: string, variables: Record<string, string>): Promise<Record<string, unknown>> {
  const before = { ...process.env };
  for (const variable of Object.keys(VARIABLES)) delete process.env[variable];
  Object.assign(process.env, variables);
  jest.resetModules();
  try {
    return await import(`${HANDLERS}/${name}/index`);
  } finally {
    process.env = before;
  }
}

describe.each([
  ['notify', ['TABLE_NAME', 'KEY_ID', 'API_URL']],
  ['show', ['TABLE_NAME', 'KEY_ID']],
  ['respond', ['TABLE_NAME', 'AUDIT_TABLE_NAME', 'KEY_ID']],
  ['portal', ['TABLE_NAME', 'AUDIT_TABLE_NAME', 'IDENTITY_CLAIM']],
  ['sweep', ['TABLE_NAME']],
])('%s', (name, needed) => {
  test('exports a handler', async () => {
    const variables = Object.fromEntries(Object.entries(VARIABLES).filter(([variable]) => [...needed, 'AWS_REGION'].includes(variable)));
    expect(await load(name, variables)).toEqual({ handler: expect.any(Function) });
  });

  test.each(needed)('says at its start that %s is missing', async (variable) => {
    const { [variable as keyof typeof VARIABLES]: _, IAM_APPROVERS: __, ...others } = VARIABLES;
    await expect(load(name, others)).rejects.toThrow(`the environment variable ${variable} is missing`);
  });
});

describe('portal, by signatures', () => {
  const { IDENTITY_CLAIM: _, ...signatures } = VARIABLES;

  test('is there for signatures alone', async () => {
    expect(await load('portal', signatures)).toEqual({ handler: expect.any(Function) });
  });

  test('does not start where one role is two approvers', async () => {
    const role = { roleArn: 'arn:aws:iam::111122223333:role/Ann' };
    const IAM_APPROVERS = JSON.stringify([role, { ...role, approver: 'ann@example.com' }]);
    await expect(load('portal', { ...signatures, IAM_APPROVERS })).rejects.toThrow('role/Ann is named twice');
  });
});
