import { WarmFunctions } from './functions/warm-functions';
import { KeptServers } from './servers';

/**
 * What one cloud leaves to the next on the same assembly: handlers that are loaded, and servers with their ports, which the functions'
 * environments name. One cloud at a time. As on AWS, a handler may find what an invocation before has left in its module.
 */
export class WarmStart {
  readonly functions = new WarmFunctions();
  readonly servers = new KeptServers();

  async dispose(): Promise<void> {
    await this.functions.dispose();
    await this.servers.dispose();
  }
}
