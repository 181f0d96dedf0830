import { LocalCloud } from 'stepworks/local';
import { matchers } from 'stepworks/local/jest';

if (typeof LocalCloud.fromStack !== 'function' || typeof matchers.toHaveSucceeded !== 'function')
  throw new Error('the names are not exported');
