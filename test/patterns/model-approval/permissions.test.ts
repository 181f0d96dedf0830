import { testTakenAway } from '../../support/taken-away';

testTakenAway('model-approval', ['approved', 'large-file', 'version-deleted'], 24, /\/Functions\/\w+\/Role$|\/Workflow\/Role$/);
