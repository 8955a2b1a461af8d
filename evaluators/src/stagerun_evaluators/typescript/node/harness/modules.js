'use strict';
/**
 * Loads the modules of one test file: the tests, the task's own helpers, the candidate's files, and what of Node both may use.
 *
 * All texts are in memory before the first one runs. The candidate gets neither the tests nor the test functions, and no module
 * of Node that reaches beyond its own code: other processes and threads, the debugger, the module loader.
 */
const { compileFunction } = require('node:vm');
const { posix } = require('node:path');

const { defineProperty, freeze, keys } = Object;
const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.json', '/index.ts', '/index.tsx', '/index.js'];
const ALLOWED = new Set([
  'assert', 'assert/strict', 'buffer', 'console', 'constants', 'crypto', 'diagnostics_channel', 'events', 'fs', 'fs/promises', 'os', 'path', 'path/posix',
  'perf_hooks', 'process', 'punycode', 'querystring', 'readline', 'readline/promises', 'stream', 'stream/promises', 'stream/web', 'string_decoder',
  'timers', 'timers/promises', 'tty', 'url', 'util', 'util/types', 'zlib',
]);
const JEST = new Set(['@jest/globals', 'jest', 'jest-mock']);

/** `given`: { modules: path -> JavaScript, owned: the task's paths, tests }; `stub`: stands in for every file of the candidate. */
function createLoader(given, globals, stub) {
  const loaded = new Map();
  const owned = new Set(given.owned);
  const names = keys(globals);
  const values = names.map((name) => globals[name]);

  function load(path) {
    if (loaded.has(path)) return loaded.get(path).exports;
    if (stub !== undefined && !owned.has(path)) return stub;
    const module = { exports: {}, id: path, filename: path, loaded: false, children: [], paths: [] };
    loaded.set(path, module);
    if (path.endsWith('.json')) module.exports = JSON.parse(given.modules[path]);
    else evaluate(path, module);
    module.loaded = true;
    if (owned.has(path)) keep(module.exports);
    return module.exports;
  }

  function evaluate(path, module) {
    const mine = owned.has(path);
    const text = given.modules[path];
    const parameters = ['exports', 'require', 'module', '__filename', '__dirname', ...(mine ? names : [])];
    // A block of its own: tests may declare names that jest has as globals.
    const body = mine ? `'use strict';{${text}\n}` : text;
    const run = compileFunction(body, parameters, { filename: path });
    run.call(module.exports, module.exports, requireFrom(path, mine), module, path, posix.dirname(path), ...(mine ? values : []));
  }

  function requireFrom(from, mine) {
    const found = function require(name) {
      if (typeof name !== 'string') throw new TypeError('require needs a string');
      if (mine && JEST.has(name)) return globals;
      if (name.startsWith('.')) return load(resolve(from, name, mine));
      return ofNode(name, mine && stub === undefined);
    };
    found.resolve = (name) => resolve(from, name, mine);
    return found;
  }

  function resolve(from, name, mine) {
    const wanted = posix.join(posix.dirname(from), name);
    for (const base of [wanted, wanted.replace(/\.([cm]?)jsx?$/, '.$1ts'), wanted.replace(/\.jsx?$/, '.tsx')]) {
      for (const ending of ENDINGS) {
        const path = base + ending;
        if (Object.hasOwn(given.modules, path) && (mine || !given.tests.includes(path))) return path;
      }
    }
    if (stub !== undefined) return wanted;
    throw missing(name, from);
  }

  return load;
}

function missing(name, from) {
  const error = new Error(`Cannot find module '${name}' from '${from}'`);
  error.code = 'MODULE_NOT_FOUND';
  return error;
}

function ofNode(name, forTests) {
  const plain = name.replace(/^node:/, '');
  if (plain === 'process') return process;
  if (plain === 'async_hooks') {
    const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
    return { AsyncLocalStorage, AsyncResource };
  }
  if (!ALLOWED.has(plain)) throw missing(name, 'a module that is judged; it is not available here');
  const found = require(`node:${plain}`);
  if (forTests && plain.startsWith('assert')) freeze(found);
  return found;
}

/** The tests rely on the task's helpers: their functions stay what they are. */
function keep(exported) {
  if (exported === null || (typeof exported !== 'object' && typeof exported !== 'function')) return;
  for (const key of keys(exported)) {
    const found = Object.getOwnPropertyDescriptor(exported, key);
    if (typeof found.value !== 'function') continue;
    if (found.configurable) defineProperty(exported, key, { writable: false, configurable: false });
    freeze(found.value);
    if (found.value.prototype) freeze(found.value.prototype);
  }
}

/** Stands in for everything the candidate exports while the names of the tests are collected. */
function createStub() {
  const stub = new Proxy(function stub() {}, {
    apply: () => stub,
    construct: () => stub,
    has: () => true,
    set: () => true,
    get(target, key) {
      if (key === 'then' || key === '__esModule') return key === 'then' ? undefined : true;
      if (key === Symbol.toPrimitive) return () => 'stub';
      if (key === Symbol.iterator) return function* none() {};
      if (key === 'prototype') return target.prototype;
      return stub;
    },
  });
  return stub;
}

module.exports = { createLoader, createStub };
