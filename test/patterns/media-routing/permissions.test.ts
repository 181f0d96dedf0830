import { testTakenAway } from '../../support/taken-away';

testTakenAway('media-routing', ['replaced'], 10, /\/(Measure|Preview)\/Role$|\/Worker\/TaskRole$/);
