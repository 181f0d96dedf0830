import { monthlyReport } from '../../../patterns/monthly-report/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(monthlyReport);
