import type { ItemProcessor, MapState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { runtimeFault } from '../errors';
import type { Visit } from '../visit';

export async function runDistributedMap(visit: Visit<MapState>, processor: ItemProcessor): Promise<Json> {
  throw runtimeFault(`Distributed Map '${visit.name}' (${processor.StartAt}) is not supported yet.`);
}
