'use strict';
/**
 * What `expect` asks before it believes a value that the candidate made; `patches.js` puts these calls into its source.
 *
 * A candidate's value must not take part in its own judgement: only matchers that the tests made count as matchers, a set or map
 * is compared by its real content, an error's message is read once, and a promise is waited for whatever its `then` says.
 */
const { isMap, isSet } = require('node:util').types;

const { getPrototypeOf, hasOwn } = Object;
const SET = Set.prototype;
const MAP = Map.prototype;
const OWN = ['size', 'has', 'get', 'entries', 'constructor', Symbol.iterator];
const { WeakSet, Promise } = globalThis;

const matchers = new WeakSet();
const state = { failed: 0, tampered: null, unchanged: () => true };

const trust = {
  state,
  matcher: (made) => void matchers.add(made),
  isMatcher: (value) => typeof value === 'object' && matchers.has(value),
  failed: () => void state.failed++,
  begin() {
    if (state.unchanged()) return;
    state.tampered ??= 'replaced a method of regular expressions';
    throw new Error('a built-in object was changed');
  },
  thrown(error) {
    const message = error === null || error === undefined ? undefined : error.message;
    const hasMessage = typeof message === 'string';
    const isError = hasMessage && typeof error.name === 'string' && typeof error.stack === 'string';
    return { hasMessage, isError, message: hasMessage ? message : String(error), value: error };
  },
  promise: (value) => new Promise((resolve) => resolve(value)),
  /** Whether `received` may be compared with a plain set or map by walking over it. */
  comparable(received, expected) {
    const prototype = getPrototypeOf(expected);
    if (prototype !== SET && prototype !== MAP) return true;
    const real = prototype === SET ? isSet(received) : isMap(received);
    return real && getPrototypeOf(received) === prototype && !OWN.some((key) => hasOwn(received, key));
  },
};

module.exports = trust;
