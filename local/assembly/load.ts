import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { Assets } from './assets';
import type { Assembly, StackTemplate } from './types';

// biome-ignore lint/suspicious/noExplicitAny: the cloud assembly's own shapes
type Artifact = any;

/** Reads what `cdk synth` wrote: every stack, those of stages too. Nothing but the files of the directory is looked at. */
export async function loadAssembly(directory: string): Promise<Assembly> {
  const root = path.resolve(directory);
  if (!existsSync(path.join(root, 'manifest.json'))) {
    throw new Error(
      `${root} is not a cloud assembly: it has no manifest.json. Give the directory that "cdk synth" wrote, usually cdk.out.`,
    );
  }
  const assets = new Assets();
  const stacks: StackTemplate[] = [];
  await read(root, undefined, assets, stacks);
  return { directory: root, stacks };
}

async function read(directory: string, inheritedTree: Tree | undefined, assets: Assets, into: StackTemplate[]): Promise<void> {
  const { artifacts = {} } = await readJson(path.join(directory, 'manifest.json'));
  const entries = Object.entries<Artifact>(artifacts);
  for (const [, artifact] of entries) {
    if (artifact.type === 'cdk:asset-manifest') await assets.read(path.join(directory, artifact.properties.file));
  }
  const treeFile = entries.find(([, artifact]) => artifact.type === 'cdk:tree')?.[1].properties.file;
  const tree = treeFile ? await readTree(path.join(directory, treeFile)) : inheritedTree;
  for (const id of ordered(artifacts)) {
    const artifact = artifacts[id];
    if (artifact.type === 'cdk:cloud-assembly') {
      await read(path.join(directory, artifact.properties.directoryName), tree, assets, into);
    } else if (artifact.type === 'aws:cloudformation:stack') {
      into.push(await readStack(directory, id, artifact, tree, assets));
    }
  }
}

async function readStack(
  directory: string,
  id: string,
  artifact: Artifact,
  tree: Tree | undefined,
  assets: Assets,
): Promise<StackTemplate> {
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(artifact.environment ?? '') ?? [];
  return {
    stackName: artifact.properties.stackName ?? id,
    path: artifact.displayName ?? id,
    template: await readJson(path.join(directory, artifact.properties.templateFile)),
    assetAt: (bucket, key) => assets.at(bucket, key),
    constructPaths: (await readMetadata(directory, artifact)) ?? tree,
    account: account?.startsWith('unknown-') ? undefined : account,
    region: region?.startsWith('unknown-') ? undefined : region,
  };
}

/** Artifact ids, each after those that it depends on. The CDK has refused cycles already. */
function ordered(artifacts: Record<string, Artifact>): string[] {
  const done = new Set<string>();
  const visit = (id: string) => {
    if (done.has(id) || !artifacts[id]) return;
    done.add(id);
    for (const dependency of artifacts[id].dependencies ?? []) visit(dependency);
    sorted.push(id);
  };
  const sorted: string[] = [];
  for (const id of Object.keys(artifacts)) visit(id);
  return sorted;
}

type Tree = ReadonlyMap<string, string>;

/** The manifest, or since schema 50 a file beside it, names the logical id of each construct: by `/App/Stack/Construct`. */
async function readMetadata(directory: string, artifact: Artifact): Promise<Tree | undefined> {
  const metadata = artifact.additionalMetadataFile
    ? await readJson(path.join(directory, artifact.additionalMetadataFile))
    : (artifact.metadata ?? {});
  const paths = new Map<string, string>();
  for (const [constructPath, entries] of Object.entries<{ type: string; data?: unknown }[]>(metadata)) {
    for (const { type, data } of entries) {
      if (type === 'aws:cdk:logicalId') paths.set(constructPath.replace(/^\//, ''), String(data));
    }
  }
  return paths.size > 0 ? paths : undefined;
}

async function readTree(file: string): Promise<Tree> {
  const paths = new Map<string, string>();
  const visit = (node: Artifact) => {
    const logicalId = node.attributes?.['aws:cdk:cloudformation:logicalId'];
    if (logicalId) paths.set(node.path, logicalId);
    for (const child of Object.values(node.children ?? {})) visit(child);
  };
  visit((await readJson(file)).tree);
  return paths;
}

async function readJson(file: string): Promise<Artifact> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`Cannot read ${file} of the cloud assembly: ${(cause as Error).message}`, { cause });
  }
}
