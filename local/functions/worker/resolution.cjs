'use strict';
/**
 * Which modules a function sees. On Lambda that is its asset, its layers and the SDK of the runtime, and nothing above /var/task;
 * on a laptop the asset lies inside a project, whose node_modules Node would find as well.
 */
const { readFileSync, realpathSync } = require('node:fs');
const path = require('node:path');

const SDK = /^@(aws-sdk|smithy)\//;

/**
 * `rules` is plain data, so that it can go to the thread of the ESM hooks. Layers are unpacked into /opt one after the other, so the last
 * one's files win; in `nodejs/node22/node_modules` and `nodejs/node_modules` modules are found:
 * https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
 */
function createRules({ root, layers, sdkPaths, runtime }) {
  const lastFirst = layers.map(realpath).reverse();
  const version = /^nodejs(\d+)/.exec(runtime)?.[1];
  const layerModules = [`nodejs/node${version}/node_modules`, 'nodejs/node_modules'].flatMap((folder) =>
    lastFirst.map((layer) => path.join(layer, folder)),
  );
  return { root: realpath(root), layers: lastFirst, layerModules, sdkPaths };
}

/** Where a file that is named by its place in /opt can be. */
function inLayers(rules, file) {
  return file.startsWith('/opt/') ? rules.layers.map((layer) => path.join(layer, file.slice('/opt/'.length))) : [];
}

/** Folders to look in when the handler's own resolution finds nothing. */
function fallbacks(rules, specifier) {
  if (/^(\.|\/|node:|file:|data:|#)/.test(specifier)) return [];
  return SDK.test(specifier) ? [...rules.layerModules, ...rules.sdkPaths] : rules.layerModules;
}

/** True for a module that the function's code would reach here and wouldn't on Lambda. The project's own SDK is welcome. */
function isOutside(rules, specifier, found, parent) {
  if (SDK.test(specifier) || !path.isAbsolute(found)) return false;
  if (parent && !isInside(rules.root, parent)) return false;
  return ![rules.root, ...rules.layers, ...rules.sdkPaths].some((folder) => isInside(folder, found));
}

function isInside(folder, file) {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The "type" of the nearest package.json that is part of the asset; one above it doesn't exist on Lambda. */
function packageType(folder, root) {
  for (let current = folder; isInside(root, current); current = path.dirname(current)) {
    try {
      return JSON.parse(readFileSync(path.join(current, 'package.json'), 'utf8')).type ?? 'commonjs';
    } catch {
      if (path.basename(current) === 'node_modules' || current === path.dirname(current)) break;
    }
  }
  return undefined;
}

function realpath(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function outsideMessage(specifier, found) {
  return `Cannot find module '${specifier}'\nstepworks: ${found} is not part of the function's asset, so Lambda wouldn't find it`;
}

/** @param error why nothing was found */
function notFound(specifier, error) {
  if (!SDK.test(specifier) || !/MODULE_NOT_FOUND$/.test(error.code)) return error;
  const advice = "of the AWS SDK that Lambda's runtime has, the local runner carries only a part: install this one in your project";
  const message = `Cannot find module '${specifier}'\nstepworks: ${advice}`;
  return Object.assign(new Error(message), { code: error.code });
}

module.exports = { createRules, fallbacks, inLayers, isInside, isOutside, notFound, outsideMessage, packageType };
