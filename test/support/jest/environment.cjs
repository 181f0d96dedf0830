'use strict';
/**
 * Test files run in the worker's own realm, one after the other, and not each in a `vm` context of its own: there the built-ins are others
 * than those of Node.js (`instanceof`), every look at a global goes through an interceptor, and nothing compiled serves the next file. What
 * a file leaves behind in the realm is put back. Modules are each file's own all the same, see `runtime.cjs`.
 */
const { setFlagsFromString } = require('node:v8');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

// Most of what runs here runs too seldom to be worth optimizing, which takes a fifth of the time with V8's own 132 KB. Later versions of
// Node.js have a compiler in between, and no such flag.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=600000');

/** Where `expect` keeps its matchers, for good. */
const MATCHERS = Symbol.for('$$jest-matchers-object');

module.exports = class RealmEnvironment {
  constructor({ projectConfig }) {
    const isOwn = (key) => typeof key !== 'string' || !key.startsWith('_');
    this.restore = [
      keepProperties(process, isOwn),
      keepProperties(process.env),
      keepProperties(Error),
      keepProperties(globalThis),
      keepListeners(),
      keepExitCode(),
      keepMatchers(),
    ];
    this.global = globalThis;
    Object.assign(globalThis, projectConfig.globals);
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null; // Jest's older ones
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    this.global = null;
    for (const restore of this.restore.splice(0)) restore();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return this.global;
  }
};

function keepProperties(object, which = () => true) {
  const keys = () => Reflect.ownKeys(object).filter(which);
  const before = new Map(keys().map((key) => [key, Object.getOwnPropertyDescriptor(object, key)]));
  return () => {
    for (const key of keys()) if (!before.has(key)) Reflect.deleteProperty(object, key);
    for (const [key, descriptor] of before) {
      const now = Object.getOwnPropertyDescriptor(object, key);
      if (now?.value !== descriptor.value || now?.get !== descriptor.get) Reflect.defineProperty(object, key, descriptor);
    }
  };
}

function keepListeners() {
  const before = new Map(process.eventNames().map((event) => [event, process.rawListeners(event)]));
  return () => {
    for (const event of process.eventNames()) {
      const added = process.rawListeners(event).filter((listener) => !before.get(event)?.includes(listener));
      for (const listener of added) process.removeListener(event, listener);
    }
  };
}

function keepExitCode() {
  const { exitCode } = process;
  return () => {
    process.exitCode = exitCode;
  };
}

function keepMatchers() {
  const before = new Set(Object.keys(globalThis[MATCHERS]?.matchers ?? {}));
  return () => {
    const { matchers = {}, customEqualityTesters = [] } = globalThis[MATCHERS] ?? {};
    for (const name of Object.keys(matchers)) if (!before.has(name)) delete matchers[name];
    customEqualityTesters.length = 0;
  };
}
