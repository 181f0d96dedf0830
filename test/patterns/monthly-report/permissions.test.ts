import { testTakenAway } from '../../support/taken-away';

testTakenAway('monthly-report', 'duplicate-events', /\/(Render|Deliver|Show)\w+\/Role$/, 7);
