import { availableParallelism } from 'node:os';
import { TemporaryFolder } from '../keeper/temporary-folder';
import { CodeFolders } from './code-folders';
import { InstancePool } from './pool';
import { timeCells } from './shared-time';

/** What may outlive a cloud: execution environments with their handlers loaded, for the next cloud on the same assembly. */
export class WarmFunctions {
  /** What was unpacked, and what handlers see as their disk. */
  readonly temporary = new TemporaryFolder();
  readonly code = new CodeFolders(this.temporary);
  /** What `Date` follows in all of them: the time of one cloud at once. */
  readonly cells = timeCells();
  readonly pool: InstancePool;

  /** @param perFunction environments that one function may have before its invocations wait for each other */
  constructor(perFunction = Math.max(4, 2 * availableParallelism())) {
    this.pool = new InstancePool({ perFunction, idle: 32, patienceMs: 250 });
  }

  async dispose(): Promise<void> {
    await this.pool.dispose();
    this.temporary.dispose();
  }
}
