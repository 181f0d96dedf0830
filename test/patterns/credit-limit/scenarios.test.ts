import { creditLimit } from '../../../patterns/credit-limit/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(creditLimit);
