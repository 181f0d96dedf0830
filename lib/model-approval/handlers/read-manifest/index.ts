import { readManifest } from '../manifest';
import { settingsFromEnvironment } from '../settings';

const { source } = settingsFromEnvironment();

/** Called for a manifest: what it says, and which version that is, so that nobody waits for what can't be used. */
export async function handler({ key, versionId }: { readonly key: string; readonly versionId?: string }) {
  const { files, ...manifest } = await readManifest(source, key, versionId);
  return { ...manifest, files: files.length };
}
