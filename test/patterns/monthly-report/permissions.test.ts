import { testTakenAway } from '../../support/taken-away';

testTakenAway('monthly-report', ['duplicate-events'], 7, /\/(Render|Deliver|Show)\w+\/Role$/);
