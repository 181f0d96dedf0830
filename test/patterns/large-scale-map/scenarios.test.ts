import { largeScaleMap } from '../../../patterns/large-scale-map/scenarios';
import { DISTRIBUTED_MAP_PERMISSIONS, testScenarios } from '../../support/scenario-tests';

testScenarios(largeScaleMap, DISTRIBUTED_MAP_PERMISSIONS);
