import { orderedList } from '../../../patterns/ordered-list/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(orderedList);
