/**
 * Compares what the local runner's operations ask to be allowed with a public data set of IAM actions: each action must exist, its resource
 * must be of one of the action's types, and its condition keys must be the action's. Fails with a list of what isn't so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceSidePermissions } from '../local/access';
import { AWS_MANAGED_POLICIES } from '../local/access/managed-policies';
import type { AccessRequest } from '../local/cloud-types';
import { DataSet, isKeyIn } from './check-actions/data-set';
import { ASKS_NOTHING, HONOURED } from './check-actions/honoured';
import { type Asked, requestsOfAllOperations } from './check-actions/requests';

interface Problem {
  /** As `HONOURED` has it. */
  readonly key: string;
  readonly text: string;
}

function problemsOf({ action: name, resource, context = {} }: AccessRequest, data: DataSet): readonly Problem[] {
  const action = data.action(name);
  if (!action) return [{ key: name, text: `${name} is no action` }];
  const types = data.typesOf(name, action, resource);
  const fits = resource === '*' ? action.resourceTypes.length === 0 : types.length > 0;
  const takes = action.resourceTypes.map((type) => type.name).join(', ') || 'none';
  const keys = [...action.conditionKeys, ...types.flatMap((type) => type.conditionKeys)];
  return [
    ...(fits ? [] : [{ key: `${name} on ${typeOf(resource)}`, text: `${name} on ${resource}: the action's resource types are ${takes}` }]),
    ...Object.keys(context)
      .filter((key) => !isKeyIn(keys, key))
      .map((key) => ({ key: `${name} with ${key}`, text: `${name} on ${resource} with ${key}, which is no condition key of it` })),
  ];
}

/** `arn:aws:states:us-east-1:123456789012:stateMachine:machine`: "states stateMachine". */
function typeOf(resource: string): string {
  const [, , service = resource, , , rest = ''] = resource.split(':', 6);
  return `${service} ${rest.split('/')[0]}`.trim();
}

function report(asked: readonly Asked[], data: DataSet): number {
  const honoured = new Set<string>();
  const silent = new Set<string>();
  const problems: string[] = [];
  const pairs = new Set<string>();
  for (const { operation, requests, error } of asked) {
    if (error) problems.push(`${operation} failed (${error}): give it a better sample in scripts/check-actions/requests.ts`);
    if (requests.length === 0) {
      silent.add(operation);
      if (!(operation in ASKS_NOTHING)) problems.push(`${operation} asks for nothing: give it a sample, or say why in ASKS_NOTHING`);
    }
    for (const request of requests) {
      pairs.add(`${operation} ${request.action}`);
      for (const { key, text } of problemsOf(request, data)) {
        if (key in HONOURED) honoured.add(key);
        else problems.push(`${operation} asks for ${text}`);
      }
    }
  }
  const written = [
    ...serviceSidePermissions.map(({ purpose, actions }) => [purpose, actions] as const),
    ...Object.entries(AWS_MANAGED_POLICIES),
  ];
  for (const [where, actions] of written) {
    for (const name of actions) if (name !== '*' && !data.action(name)) problems.push(`${where}: ${name} is no action`);
  }
  for (const key of Object.keys(HONOURED)) if (!honoured.has(key)) problems.push(`HONOURED has "${key}", which nothing asks for any more`);
  for (const key of Object.keys(ASKS_NOTHING))
    if (!silent.has(key)) problems.push(`ASKS_NOTHING has "${key}", which asks for something now`);
  for (const problem of new Set(problems)) console.error(problem);
  const found = new Set(problems).size;
  console.log(
    `${asked.length} operations ask for ${pairs.size} actions: ${found} problems, ${honoured.size} exceptions with their sources`,
  );
  return found === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'stepworks-actions-'));
  try {
    const asked = await requestsOfAllOperations(folder);
    return await DataSet.use(async (data) => report(asked, data));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
