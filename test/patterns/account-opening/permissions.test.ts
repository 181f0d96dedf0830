import { testTakenAway } from '../../support/taken-away';

testTakenAway('account-opening', ['clean', 'flagged-approved', 'flagged-refused', 'answer-lost', 'express-clean', 'express-flagged'], 16);
