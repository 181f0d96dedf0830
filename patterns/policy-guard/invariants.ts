import type { Json } from '../../local';
import type { Invariant, Invariants, World } from '../../local/sweep';

const DAY = 86_400;
const GUARD = 'PolicyGuard/Guard';

interface Case {
  readonly id: string;
  readonly status: string;
  readonly target: {
    readonly kind: string;
    readonly entity?: { readonly type: string; readonly name: string };
    readonly policyArn?: string;
  };
}

interface Request {
  readonly executionArn: string;
  readonly status: string;
}

/** What the guard's runs have found, by the name of the run. */
const guardRuns = ({ cloud, runs }: World) => {
  const { arn } = cloud.stateMachine(GUARD);
  return runs.filter(({ machine }) => machine.arn === arn);
};

const statusOf = (output: Json | undefined): string => (output as { status?: string } | undefined)?.status ?? '';

const evidenceKeys = ({ cloud }: World): readonly string[] => cloud.bucket(`${GUARD}/Evidence`).keys('cases/');

const requestsIn = ({ cloud }: World): Request[] => cloud.table(`${GUARD}/Gate/Requests`).items() as unknown as Request[];

/** The calls with which the guard changed something. */
const changes = ({ cloud }: World) => {
  const roles = ['Contain', 'Restore'].map((name) => cloud.find('AWS::IAM::Role', `${GUARD}/Functions/${name}/Role`).attributes.Arn);
  return cloud.calls.filter(
    ({ service, operation, principal, error }) =>
      service === 'iam' && !error && principal.kind === 'role' && roles.includes(principal.arn) && !/^(Get|List)/.test(operation),
  );
};

const evidenceFirst: Invariant = {
  name: 'nothing is changed before there is evidence',
  holds(world) {
    const kept = world.cloud.calls.filter(({ service, operation, input, error }) => {
      return service === 's3' && operation === 'PutObject' && !error && String(input.Key).startsWith('cases/');
    });
    const [first] = kept;
    return changes(world)
      .filter(({ at }) => first === undefined || at < first.at)
      .map(({ operation }) => `${operation} was called, and no evidence had been kept`);
  },
};

const evidenceOfEach: Invariant = {
  name: 'each case has evidence',
  holds(world) {
    const keys = evidenceKeys(world);
    return guardRuns(world)
      .filter(({ output }) => output !== undefined && !['COMPLIANT', 'IGNORED'].includes(statusOf(output)))
      .filter(({ name }) => !keys.some((key) => key.startsWith(`cases/${name}/`)))
      .map(({ name, output }) => `the case ${name} is ${statusOf(output)}, without evidence`);
  },
};

const approvedOnly: Invariant = {
  name: 'what is restored was approved',
  holds(world) {
    const requests = requestsIn(world);
    return guardRuns(world)
      .filter(({ output }) => ['RESTORED', 'HELD'].includes(statusOf(output)))
      .filter(({ arn }) => !requests.some(({ executionArn, status }) => executionArn === arn && status === 'APPROVED'))
      .map(({ name }) => `the case ${name} was restored, and nobody approved it`);
  },
};

const keptHasNoForce: Invariant = {
  name: 'what was denied has no force',
  async holds(world) {
    const kept = guardRuns(world).filter(({ output }) => statusOf(output) === 'KEPT');
    const problems = await Promise.all(
      kept.map(async ({ name }) => {
        const { target, containment } = caseOf(world, name);
        if (target.kind === 'MANAGED') {
          const { Policy } = await world.cloud.operate<{ Policy: { DefaultVersionId: string } }>('iam', 'GetPolicy', {
            PolicyArn: target.policyArn,
          });
          return Policy.DefaultVersionId === containment ? `version ${containment} of ${target.policyArn} is in force` : undefined;
        }
        return (await isQuarantined(world, target.entity)) ? undefined : `${target.entity?.name} is not quarantined, by the case ${name}`;
      }),
    );
    return problems.filter((problem) => problem !== undefined);
  },
};

/** As the evidence has it: what was written, and which version it was. */
function caseOf(world: World, name: string): Pick<Case, 'target'> & { readonly containment?: string } {
  const [key] = evidenceKeys(world).filter((one) => one.startsWith(`cases/${name}/`));
  const { target, live } = world.cloud.bucket(`${GUARD}/Evidence`).json(key) as unknown as Case & {
    readonly live: { readonly versionId?: string };
  };
  return { target, containment: live.versionId };
}

async function isQuarantined({ cloud }: World, entity: Case['target']['entity']): Promise<boolean> {
  if (!entity) return false;
  const quarantine = cloud.find('AWS::IAM::ManagedPolicy', `${GUARD}/Quarantine`).ref;
  const { AttachedPolicies } = await cloud.operate<{ AttachedPolicies: { PolicyArn: string }[] }>(
    'iam',
    `ListAttached${entity.type}Policies`,
    {
      [`${entity.type}Name`]: entity.name,
    },
  );
  return AttachedPolicies.some(({ PolicyArn }) => PolicyArn === quarantine);
}

const holdsAreCases: Invariant = {
  name: 'who is held is quarantined, unless somebody was told that it failed',
  async holds(world) {
    const keys = world.cloud.bucket(`${GUARD}/Evidence`).keys('holds/');
    const failed = new Set(
      guardRuns(world)
        .filter(({ status }) => status !== 'SUCCEEDED')
        .map(({ name }) => name),
    );
    const problems = await Promise.all(
      keys.map(async (key) => {
        const [, type, name, id] = key.split('/');
        if (failed.has(id)) return undefined;
        return (await isQuarantined(world, { type, name })) ? undefined : `the case ${id} holds ${name}, who is not quarantined`;
      }),
    );
    return problems.filter((problem) => problem !== undefined);
  },
};

/** What must be true of policies, evidence and quarantines, whatever fails. */
export const invariants: Invariants = {
  hold: [evidenceFirst, evidenceOfEach, approvedOnly, keptHasNoForce, holdsAreCases],
  // A day for the administrator, two weeks for the turn.
  patience: 16 * DAY,
  unreached: [
    { what: 'PolicyGuard/D*InvalidInput', why: 'The drills get what the scenarios give them, which is valid.' },
    {
      what: '* retries NotContained, ChangedMeanwhile',
      why: 'No attempt is left for these: the entry is there so that the one for States.ALL is not taken.',
    },
    { what: '* retries States.QueryEvaluationError', why: 'No expression of a message fails; of this entry no attempt is left either.' },
    {
      what: '*BreakGlass*',
      why: 'Nobody of the sample is the user for emergencies; a test of the construct has that user write a policy.',
    },
    { what: '*PageTampered*', why: "The drills may not write the guard's own policies; a test of the construct does." },
    { what: '*ReportNotAsked*', why: 'Two weeks of questions about one policy; the tests of Lease wait so long.' },
    { what: 'PolicyGuard/Guard: PageNot*', why: 'A second failure beside the one that is told of: the sweep makes one call fail.' },
    { what: '*OneAtATimeReleaseAfterError retries*', why: 'The release of a case that has failed already: the sweep makes one call fail.' },
  ],
  unusedPermissions: [
    {
      what: '*/Functions/Restore/Role: iam:Attach*',
      why: 'A case that comes while another lifts the quarantine: the test of quarantine.ts has one come.',
    },
    { what: '*/OnPolicyWritten/Start/Role: sqs:SendMessage*', why: 'Events that can start nothing: the tests of Trigger send some.' },
  ],
};
