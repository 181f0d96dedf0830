import { loadAssembly } from '../../../local';
import { synthesized } from '../../../local/synthesized';
import { WarmStart } from '../../../local/warm-start';
import { BAD, CONTAIN, GOOD, GuardWorld, guardStack, SHARED } from './support/world';

const assembly = loadAssembly(synthesized(guardStack({ onViolation: CONTAIN }).stack).directory);

const warm = new WarmStart();
afterAll(() => warm.dispose());

let world: GuardWorld;
beforeEach(async () => {
  world = await GuardWorld.deploy(await assembly, warm);
});
afterEach(async () => {
  expect(world.cloud.access.denied).toEqual([]);
  await world.cloud.dispose();
});

/** A way to write a policy: with this document, and how it stands when it has its force, or has none. */
interface Write {
  prepare?(document: string): Promise<void>;
  write(document: string): Promise<unknown>;
  /** Whether the document has its force. */
  inForce(document: string): Promise<boolean>;
}

const text = (encoded: string) => decodeURIComponent(encoded);
const NAMES = { User: 'dev', Role: 'app', Group: 'devs' } as const;
type Type = keyof typeof NAMES;
const EVIL = 'arn:aws:iam::123456789012:policy/evil';

const documentOf = async (PolicyArn: string): Promise<string> => {
  const VersionId = await world.defaultVersion(PolicyArn);
  const { PolicyVersion } = await world.iam<{ PolicyVersion: { Document: string } }>('GetPolicyVersion', { PolicyArn, VersionId });
  return text(PolicyVersion.Document);
};

const inline = (type: Type): Write => {
  const policy = { [`${type}Name`]: NAMES[type], PolicyName: 'p' };
  return {
    write: (PolicyDocument) => world.iam(`Put${type}Policy`, { ...policy, PolicyDocument }),
    async inForce(document) {
      const { PolicyDocument } = await world.iam<{ PolicyDocument: string }>(`Get${type}Policy`, policy);
      return text(PolicyDocument) === document && !(await world.quarantined(type, NAMES[type]));
    },
  };
};

const attachment = (type: Type): Write => ({
  prepare: async (PolicyDocument) => {
    await world.iam('CreatePolicy', { PolicyName: 'evil', PolicyDocument });
    await world.ended();
  },
  write: () => world.iam(`Attach${type}Policy`, { [`${type}Name`]: NAMES[type], PolicyArn: EVIL }),
  async inForce(document) {
    const { AttachedPolicies } = await world.iam<{ AttachedPolicies: { PolicyArn: string }[] }>(`ListAttached${type}Policies`, {
      [`${type}Name`]: NAMES[type],
    });
    const attached = AttachedPolicies.some(({ PolicyArn }) => PolicyArn === EVIL) && (await documentOf(EVIL)) === document;
    return attached && !(await world.quarantined(type, NAMES[type]));
  },
});

const WRITES: Readonly<Record<string, Write>> = {
  CreatePolicyVersion: {
    write: (PolicyDocument) => world.iam('CreatePolicyVersion', { PolicyArn: SHARED, PolicyDocument, SetAsDefault: true }),
    inForce: async (document) => (await documentOf(SHARED)) === document && !(await world.quarantined('Role', 'app')),
  },
  SetDefaultPolicyVersion: {
    prepare: async (PolicyDocument) => {
      await world.iam('CreatePolicyVersion', { PolicyArn: SHARED, PolicyDocument });
      expect(await world.ended()).toBe('COMPLIANT');
    },
    write: () => world.iam('SetDefaultPolicyVersion', { PolicyArn: SHARED, VersionId: 'v2' }),
    inForce: async (document) => (await documentOf(SHARED)) === document,
  },
  PutUserPolicy: inline('User'),
  PutRolePolicy: inline('Role'),
  PutGroupPolicy: inline('Group'),
  AttachUserPolicy: attachment('User'),
  AttachRolePolicy: attachment('Role'),
  AttachGroupPolicy: attachment('Group'),
};

describe.each(Object.entries(WRITES))('%s', (call, { prepare, write, inForce }) => {
  const violate = async () => {
    await prepare?.(BAD);
    await write(BAD);
    expect(world.run.status).toBe('RUNNING');
    expect(await inForce(BAD)).toBe(false);
    expect(world.told.at(-1)).toMatch(/^Contained: /);
    expect(world.evidence).toContainEqual(
      expect.objectContaining({ event: expect.objectContaining({ eventName: call }), live: expect.objectContaining({ text: BAD }) }),
    );
  };

  test('contained, approved: exactly what was there is restored', async () => {
    await violate();
    await world.decide('APPROVED');
    expect(await world.ended()).toBe('RESTORED');
    expect(await inForce(BAD)).toBe(true);
    expect(world.holds).toEqual([]);
    expect(world.told.at(-1)).toMatch(/^Restored: /);
  });

  test('contained, denied: stays so, and it is reported', async () => {
    await violate();
    await world.decide('REJECTED');
    expect(await world.ended()).toBe('KEPT');
    expect(await inForce(BAD)).toBe(false);
    expect(world.told.at(-1)).toMatch(/^Stays contained: /);
  });

  test('contained, silence: stays so, and it is reported', async () => {
    await violate();
    await world.driver.skip(25 * 3600);
    expect(await world.ended()).toBe('KEPT');
    expect(world.run.output).toMatchObject({ approval: { decision: 'EXPIRED' } });
    expect(await inForce(BAD)).toBe(false);
    expect(world.told.at(-1)).toMatch(/^Stays contained: /);
  });

  test('benign: nothing happens', async () => {
    await prepare?.(GOOD);
    await write(GOOD);
    expect(await world.ended()).toBe('COMPLIANT');
    expect(await inForce(GOOD)).toBe(true);
    expect([world.told, world.evidence, world.holds]).toEqual([[], [], []]);
  });
});
