/** `resolveImport` of modules.cjs for Node.js before 22.15, where hooks are asynchronous and run in a thread of their own. */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import resolution from './resolution.cjs';

const { fallbacks, inLayers, isOutside, notFound, outsideMessage } = resolution;
let rules;

export async function initialize(data) {
  rules = data;
}

export async function resolve(specifier, context, next) {
  const own = await attempt(next(specifier, context));
  const file = (result) => (result.url.startsWith('file:') ? fileURLToPath(result.url) : result.url);
  const parent = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined;
  if (own.value && !isOutside(rules, specifier, file(own.value), parent)) return own.value;
  for (const place of inLayers(rules, specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier)) {
    const found = await attempt(next(pathToFileURL(place).href, context));
    if (found.value) return found.value;
  }
  for (const folder of fallbacks(rules, specifier)) {
    const found = await attempt(next(specifier, { ...context, parentURL: pathToFileURL(path.join(folder, 'noop.js')).href }));
    if (found.value && !isOutside(rules, specifier, file(found.value), undefined)) return found.value;
  }
  if (own.error) throw notFound(specifier, own.error);
  throw Object.assign(new Error(outsideMessage(specifier, file(own.value))), { code: 'ERR_MODULE_NOT_FOUND' });
}

async function attempt(work) {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}
