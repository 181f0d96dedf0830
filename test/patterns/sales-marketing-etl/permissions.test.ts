import { testTakenAway } from '../../support/taken-away';

testTakenAway('sales-marketing-etl', ['before-the-start'], 20, /./);
