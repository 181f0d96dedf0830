'use strict';
/**
 * Jest's module loader, which gives each test file modules of its own, with less work: a module's code is compiled once for all the files of
 * a worker, and run for each. That takes the realm that they share, see `environment.cjs`.
 */
const { compileFunction, constants } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/** By file: its source, and the function that runs it. */
const compiled = new Map();

module.exports = class RealmRuntime extends Runtime {
  constructor(...options) {
    super(...options);
    const { executor } = this;
    executor.compile = (source, filename) => {
      const known = compiled.get(filename);
      if (known?.source === source) return known.run;
      const run = compileFunction(source, executor.injectedModuleParameters, {
        filename,
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
      compiled.set(filename, { source, run });
      return run;
    };
  }

  requireModule(from, name, ...options) {
    if (name === 'node:async_hooks' && /[\\/]jest-circus[\\/]/.test(from)) return { AsyncLocalStorage: OneAtATime };
    return super.requireModule(from, name, ...options);
  }
};

/**
 * Jest's runner asks which test it is that an error comes from. Before Node.js 24 one `AsyncLocalStorage` makes every `await` several times
 * as slow, and that of every file stays. Tests run one after the other, so that a variable does.
 */
class OneAtATime {
  run(store, callback) {
    const outer = this.store;
    const restore = () => {
      this.store = outer;
    };
    this.store = store;
    return Promise.resolve(callback()).finally(restore);
  }

  getStore() {
    return this.store;
  }
}
