import type { SyncSettings } from '../../../../lib/bucket-sync/handlers/settings';

/** Of the buckets `source`, `destination` and `results`. */
export const SETTINGS: SyncSettings = {
  source: { bucket: 'source', prefix: '' },
  destination: { bucket: 'destination', prefix: '' },
  results: { bucket: 'results', prefix: 'runs/' },
  comparison: 'ETAG',
  include: [],
  exclude: [],
  destinationKms: false,
};
