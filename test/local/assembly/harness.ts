import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, type AppProps, CfnResource, type Stack } from 'aws-cdk-lib';
import { type DeployOptions, deploy, deployAssembly, loadAssembly, type StackTemplate } from '../../../local/assembly';
import type { Cloud, ResourceRequest, ResourceType } from '../../../local/cloud-types';

/** As much of the cloud as deploying needs. */
export const CLOUD = { accountId: '111122223333', region: 'eu-west-1', partition: 'aws' } as Cloud;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'stepworks-test-'));
  folders.push(folder);
  return folder;
}

/** An app whose assembly goes to a temporary folder. */
export function newApp(props: AppProps = {}): App {
  return new App({ outdir: temporaryFolder(), analyticsReporting: false, ...props });
}

export async function load(app: App) {
  return loadAssembly(app.synth().directory);
}

/** Makes `Test::Thing` and whatever else is asked for, and remembers the order. */
export class Types extends Map<string, ResourceType> {
  readonly made: ResourceRequest[] = [];

  constructor(...names: string[]) {
    super();
    for (const name of ['Test::Thing', ...names]) {
      this.set(name, {
        create: (request) => {
          this.made.push(request);
          const ref = request.properties.Name ?? request.physicalName();
          return { ref, attributes: { Arn: `arn:test:${ref}`, 'Endpoint.Address': 'dotted', Nested: { Port: 5 } } };
        },
      });
    }
  }

  get order(): string[] {
    return this.made.map(({ logicalId }) => logicalId);
  }

  properties(logicalId: string): Record<string, unknown> {
    const request = this.made.find((made) => made.logicalId === logicalId);
    if (!request) throw new Error(`${logicalId} was not made`);
    return request.properties;
  }
}

export function thing(scope: Stack, id: string, properties: Record<string, unknown> = {}): CfnResource {
  return new CfnResource(scope, id, { type: 'Test::Thing', properties });
}

/** Deploys a template that is written down as it is. */
export function deployTemplate(template: Record<string, unknown>, types: Types = new Types(), options: DeployOptions = {}) {
  const stack: StackTemplate = { stackName: 'Hand', path: 'Hand', template, assetAt: () => undefined };
  return deploy(stack, CLOUD, types, options);
}

/** What one property of a `Test::Thing` resolves to; the thing `Other` stands beside it. */
export async function resolve(value: unknown, rest: Record<string, unknown> = {}, options: DeployOptions = {}): Promise<unknown> {
  const types = new Types();
  const { Resources = {}, ...sections } = rest;
  const template = {
    Resources: {
      Main: { Type: 'Test::Thing', Properties: { Value: value } },
      Other: { Type: 'Test::Thing', Properties: { Name: 'other' } },
      ...(Resources as object),
    },
    ...sections,
  };
  await deployTemplate(template, types, options);
  return types.properties('Main').Value;
}

export { deploy, deployAssembly, loadAssembly };
