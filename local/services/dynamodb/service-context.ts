import type { Cloud } from '../../cloud-types';
import { AccessRequests } from './access';
import { Tables } from './tables';

/** What the operations share. */
export class DynamoDbContext {
  readonly tables: Tables;
  readonly access: AccessRequests;

  constructor(readonly cloud: Cloud) {
    this.tables = new Tables(cloud);
    this.access = new AccessRequests(this.tables);
  }
}
