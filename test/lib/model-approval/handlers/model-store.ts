import type { ModelSettings } from '../../../../lib/model-approval/handlers/settings';
import { s3 } from '../../../../lib/model-approval/handlers/store';
import { Store } from '../../bucket-sync/support/store';

const MIB = 1024 ** 2;

export const SETTINGS: ModelSettings = {
  source: { bucket: 'training', prefix: 'models/' },
  destination: { bucket: 'published', prefix: 'live/' },
  reviews: { bucket: 'reviews', prefix: 'reviews/' },
  partBytes: 5 * MIB,
};

export const KEY = 'models/churn/7/manifest.json';

const MANIFEST = {
  model: 'churn',
  version: '7',
  trainedBy: 'dana@example.com',
  files: ['model.bin', 'metrics.json'],
  diagnostics: 'metrics.json',
};

/** The three buckets, which the handlers' client goes to. The first keeps versions. */
export function modelStore(): Store {
  const store = new Store('training', 'published', 'reviews');
  store.run('PutBucketVersioning', { Bucket: 'training', VersioningConfiguration: { Status: 'Enabled' } });
  jest.spyOn(s3, 'send').mockImplementation(store.s3.send.bind(store.s3) as never);
  return store;
}

/** What a training run has written. Gives the manifest's version. */
export function train(store: Store, model: string | Buffer, more: { readonly metrics?: unknown; readonly manifest?: object } = {}): string {
  store.put('training', 'models/churn/7/model.bin', model);
  store.put('training', 'models/churn/7/metrics.json', JSON.stringify(more.metrics ?? { auc: 0.9 }));
  const Body = Buffer.from(JSON.stringify({ ...MANIFEST, ...more.manifest }));
  return store.run<{ VersionId: string }>('PutObject', { Bucket: 'training', Key: KEY, Body }).VersionId;
}
