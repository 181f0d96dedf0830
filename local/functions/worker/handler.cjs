'use strict';
/** Finds the handler function as Lambda does: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const {
  CallbackHandlerDeprecated,
  HandlerNotFound,
  ImportModuleError,
  MalformedHandlerName,
  UserCodeSyntaxError,
} = require('./errors.cjs');
const { packageType } = require('./modules.cjs');

async function loadHandler(root, handler, runtime) {
  const { directory, file, exportName } = parseHandler(handler);
  const loaded = await load(root, directory, file);
  const fn = find(loaded, exportName) ?? find(loaded.default, exportName);
  if (!fn) throw new HandlerNotFound(`${handler} is undefined or not exported`);
  if (typeof fn !== 'function') throw new HandlerNotFound(`${handler} is not a function`);
  // https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html: from Node.js 24 on there are no callbacks.
  if (nodeMajor(runtime) >= 24 && fn.length >= 3) {
    throw new CallbackHandlerDeprecated(
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.',
    );
  }
  return fn;
}

/** `dir/file.a.b`: module `dir/file`, export `a.b`. */
function parseHandler(handler) {
  if (handler.includes('..')) {
    const message = `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`;
    throw new MalformedHandlerName(message);
  }
  const match = /^(.*\/)?([^/.]*)\.([^/]*)$/.exec(handler);
  if (!match) throw new MalformedHandlerName('Bad handler');
  return { directory: match[1] ?? '', file: match[2], exportName: match[3] };
}

async function load(root, directory, file) {
  const base = path.resolve(root, directory, file);
  const require = createRequire(path.join(root, 'noop.js'));
  const isModule = packageType(path.dirname(base), root) === 'module';
  try {
    for (const extension of ['', '.js', '.mjs', '.cjs']) {
      const candidate = base + extension;
      if (!existsSync(candidate)) continue;
      return extension === '.mjs' || (extension === '.js' && isModule) ? await import(pathToFileURL(candidate).href) : require(candidate);
    }
    return require(require.resolve(file, { paths: [root, path.join(root, directory)] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      const wrapped = new UserCodeSyntaxError(String(error));
      wrapped.stack = error.stack;
      throw wrapped;
    }
    if (error?.code === 'MODULE_NOT_FOUND') throw new ImportModuleError(String(error));
    throw error;
  }
}

function find(object, exportName) {
  return exportName.split('.').reduce((inner, key) => inner?.[key], object);
}

function nodeMajor(runtime) {
  return Number(/^nodejs(\d+)/.exec(runtime)?.[1]);
}

module.exports = { loadHandler, parseHandler, nodeMajor };
