import { matching, anInstant, type Pattern, type Scenario } from '../../local';
import cleanUs from './applicants/clean-us.json';
import bothFlagged from './applicants/both-flagged.json';

const OPENED = (applicationId: string, decidedBy: string) => ({ applicationId, status: 'OPENED', accountNumber: matching(/^AC[0-9A-F]{10}$/), decidedBy, decidedAt: anInstant });
const CHECKED = ['ValidateInput', 'RunChecks', 'CheckName', 'CheckAddress', 'ReviewRequired'];

const scenarios: Scenario[] = [
  {
    name: 'express-clean',
    title: 'Without a gate: name and address pass, the account opens',
    stateMachine: 'AccountOpeningExpress/Opening',
    input: cleanUs,
    expected: { status: 'SUCCEEDED', output: OPENED(cleanUs.applicationId, 'rule'), statesVisited: [...CHECKED, 'OpenAccount'] },
  },
  {
    name: 'express-flagged',
    title: 'Without a gate: what is flagged is refused',
    stateMachine: 'AccountOpeningExpress/Opening',
    input: bothFlagged,
    expected: { status: 'SUCCEEDED', statesVisited: [...CHECKED, 'RefuseApplication'] },
  },
];

export const accountOpening: Pattern = { name: 'account-opening', title: 'Account opening with a human approval', scenarios };
