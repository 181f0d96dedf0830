import { readFile } from 'node:fs/promises';
import * as path from 'node:path';

/** The file assets of an assembly, found by the S3 location that templates name. */
export class Assets {
  private readonly byKey = new Map<string, { readonly bucket: RegExp; readonly file: string }[]>();

  /** Adds what an asset manifest (`*.assets.json`) publishes. */
  async read(manifestFile: string): Promise<void> {
    const manifest = JSON.parse(await readFile(manifestFile, 'utf8'));
    for (const asset of Object.values<FileAsset>(manifest.files ?? {})) {
      if (asset.source.path === undefined) continue; // made by a command at publishing time: no file to offer
      const file = path.resolve(path.dirname(manifestFile), asset.source.path);
      for (const { bucketName, objectKey } of Object.values(asset.destinations)) {
        const places = this.byKey.get(objectKey) ?? [];
        places.push({ bucket: pattern(bucketName), file });
        this.byKey.set(objectKey, places);
      }
    }
  }

  at(bucket: string, key: string): string | undefined {
    return this.byKey.get(key)?.find((place) => place.bucket.test(bucket))?.file;
  }
}

interface FileAsset {
  readonly source: { readonly path?: string };
  readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
}

/** Account and region are placeholders in the manifest (`${AWS::AccountId}`) and resolved in the template. */
function pattern(bucketName: string): RegExp {
  const literal = bucketName.split(/\$\{AWS::\w+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('[\\w-]+')}$`);
}
