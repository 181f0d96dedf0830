import { largeScaleMap } from '../../../patterns/large-scale-map/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(largeScaleMap);
