import { orderedList } from '../../../patterns/ordered-list/scenarios';
import { DISTRIBUTED_MAP_PERMISSIONS, testScenarios } from '../../support/scenario-tests';

testScenarios(orderedList, DISTRIBUTED_MAP_PERMISSIONS);
