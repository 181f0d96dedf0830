'use strict';
/** Puts the rules of `resolution.cjs` into Node's loaders, that for require and that for import. */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { createRules, fallbacks, inLayers, isInside, isOutside, notFound, outsideMessage, packageType } = require('./resolution.cjs');

function installModules({ root, layers, sdkPaths, handler, runtime }) {
  const rules = createRules({ root, layers, sdkPaths, runtime });
  hookRequire(rules);
  hookImport(rules, handler);
}

function hookRequire(rules) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    const own = attempt(() => resolve.call(this, request, parent, isMain, options));
    if (own.value !== undefined && !isOutside(rules, request, own.value, parent?.filename)) return own.value;
    for (const place of inLayers(rules, request)) {
      const found = attempt(() => resolve.call(this, place, parent, isMain, options));
      if (found.value !== undefined) return found.value;
    }
    for (const folder of fallbacks(rules, request)) {
      const found = attempt(() => resolve.call(this, request, parent, isMain, { paths: [folder] }));
      if (found.value !== undefined && !isOutside(rules, request, found.value, undefined)) return found.value;
    }
    if (own.error) throw notFound(request, own.error);
    const error = new Error(`${outsideMessage(request, own.value)}\nRequire stack:\n- ${parent?.filename}`);
    throw Object.assign(error, { code: 'MODULE_NOT_FOUND', requireStack: [parent?.filename] });
  };

  // A package.json above the asset, with "type": "module", would make ES modules of the asset's .js files.
  const compileJs = Module._extensions['.js'];
  Module._extensions['.js'] = function (module, filename) {
    if (isInside(rules.root, filename) && packageType(path.dirname(filename), rules.root) === undefined && hasModuleAbove(rules.root)) {
      module._compile(readFileSync(filename, 'utf8'), filename);
    } else {
      compileJs.call(this, module, filename);
    }
  };
}

function hasModuleAbove(root) {
  return packageType(path.dirname(root), path.parse(root).root) === 'module';
}

function hookImport(rules, handler) {
  if (Module.registerHooks) {
    Module.registerHooks({ resolve: (specifier, context, next) => resolveImport(rules, specifier, context, next) });
  } else if (mayImport(rules.root, handler)) {
    // Before Node.js 22.15 the hooks need a thread of their own, which costs every cold start some 40 ms.
    Module.register(pathToFileURL(path.join(__dirname, 'import-hooks.mjs')).href, { data: rules });
  }
}

/** True unless the handler is a CommonJS file that imports nothing dynamically. */
function mayImport(root, handler) {
  const base = path.resolve(root, handler.replace(/\.[^/]*$/, ''));
  for (const extension of ['', '.js', '.cjs']) {
    const source = attempt(() => readFileSync(base + extension, 'utf8')).value;
    if (source !== undefined) return packageType(path.dirname(base), root) === 'module' || /\bimport\s*\(/.test(source);
  }
  return true;
}

/** The same rules for `import`, with `next` Node's own resolution; synchronous as `registerHooks` wants it. */
function resolveImport(rules, specifier, context, next) {
  // registerHooks calls this for require too, whose rules stand above.
  if (context.conditions?.includes('require')) return next(specifier, context);
  const own = attempt(() => next(specifier, context));
  const file = (result) => (result.url.startsWith('file:') ? fileURLToPath(result.url) : result.url);
  const parent = context.parentURL?.startsWith('file:') ? fileURLToPath(context.parentURL) : undefined;
  if (own.value && !isOutside(rules, specifier, file(own.value), parent)) return own.value;
  for (const place of inLayers(rules, specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier)) {
    const found = attempt(() => next(pathToFileURL(place).href, context));
    if (found.value) return found.value;
  }
  for (const folder of fallbacks(rules, specifier)) {
    const found = attempt(() => next(specifier, { ...context, parentURL: pathToFileURL(path.join(folder, 'noop.js')).href }));
    if (found.value && !isOutside(rules, specifier, file(found.value), undefined)) return found.value;
  }
  if (own.error) throw notFound(specifier, own.error);
  throw Object.assign(new Error(outsideMessage(specifier, file(own.value))), { code: 'ERR_MODULE_NOT_FOUND' });
}

function attempt(work) {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

module.exports = { installModules, packageType };
