'use strict';
/**
 * Makes the language's own objects unchangeable before the candidate is loaded, so that nothing the tests stand on can be
 * replaced, not even for the length of one comparison. New properties may still be added to most of them.
 *
 * Methods that classes and plain objects commonly carry a namesake of (`toString`, `name`, `constructor`) become accessors
 * whose setter defines the property on the receiver: a read-only one would forbid the assignment.
 */
const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, preventExtensions } = Object;
const { ownKeys } = Reflect;

const NAMES = [
  'Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Math', 'JSON', 'Reflect', 'Proxy', 'Promise',
  'RegExp', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError',
  'SyntaxError', 'TypeError', 'URIError', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array',
  'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array',
  'BigUint64Array', 'Atomics', 'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'structuredClone', 'globalThis', 'undefined', 'NaN', 'Infinity',
];
const LEFT = new Set(['constructor', 'random', 'prepareStackTrace', 'stackTraceLimit', 'length', 'caller', 'arguments']);

/**
 * `open`: names such as `JSON.parse` that the tests replace; `added`: names such as `Array.prototype.sum` that the candidate adds.
 * Returns `unchanged()`, which says whether what is left open for the sake of speed is as it was: regular expressions, whose fast
 * paths V8 gives up when their prototype is frozen. The other prototypes are frozen in one stroke, which keeps the fast paths.
 */
function lock(open, added) {
  const errors = NAMES.filter((name) => name.endsWith('Error')).map((name) => globalThis[name].prototype);
  const assignable = [Object.prototype, Function.prototype, ...errors];
  hideTexts();
  for (const [owner, name] of added) addLater(globalThis[owner].prototype, name);
  for (const [name, object] of intrinsics()) {
    if (object === RegExp.prototype) continue;
    if (assignable.includes(object)) lockEach(object, () => true, true);
    else if (object === Math || object === Error) lockEach(object, (key) => !open.has(`${name}.${String(key)}`), false);
    else freezeUnless(open, name, object);
  }
  lockEach(globalThis, (key) => NAMES.includes(key) && !open.has(`global.${key}`), false);
  for (const prototype of assignable) preventExtensions(prototype);
  return watched(RegExp.prototype);
}

/** The text of a test's function tells what it expects; whoever is given one as a callback sees no more of it than of a native one. */
function hideTexts() {
  const shown = Function.prototype.toString;
  const { call } = shown;
  const looks = RegExp.prototype.test.bind(/\bexpect\s*[(.]|\bassert\s*[(.]/);
  const hidden = {
    toString() {
      const text = Reflect.apply(shown, this, []);
      return looks(text) ? `function ${this.name}() { [native code] }` : text;
    },
  }.toString;
  defineProperty(Function.prototype, 'toString', { value: hidden });
}

function lockEach(object, chosen, assignable) {
  for (const key of ownKeys(object)) if (chosen(key)) lockProperty(object, key, assignable);
}

function freezeUnless(open, name, object) {
  for (const path of open) if (path.startsWith(`${name}.`)) return;
  freeze(object);
}

function watched(object) {
  const before = ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)]);
  return () => {
    for (let index = 0; index < before.length; index++) {
      const now = getOwnPropertyDescriptor(object, before[index][0]);
      const then = before[index][1];
      if (now === undefined || now.value !== then.value || now.get !== then.get) return false;
    }
    return true;
  };
}

function* intrinsics() {
  yield ['Math', Math];
  yield ['JSON', JSON];
  yield ['Reflect', Reflect];
  yield ['Atomics', Atomics];
  for (const name of [...NAMES, 'Date']) {
    const value = globalThis[name];
    if (typeof value !== 'function') continue;
    if (name !== 'Date') yield [name, value]; // Date itself is for fake clocks to replace
    if (value.prototype !== undefined) yield [`${name}.prototype`, value.prototype];
  }
  const typed = getPrototypeOf(Int8Array);
  yield ['TypedArray', typed];
  yield ['TypedArray.prototype', typed.prototype];
  for (const iterator of [[][Symbol.iterator](), new Map().values(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)]) {
    yield ['Iterator', getPrototypeOf(iterator)];
  }
  const generator = getPrototypeOf(function* () {}.prototype);
  yield ['Generator.prototype', generator];
  yield ['Iterator.prototype', getPrototypeOf(generator)];
  const asyncGenerator = getPrototypeOf(async function* () {}.prototype);
  yield ['AsyncGenerator.prototype', asyncGenerator];
  yield ['AsyncIterator.prototype', getPrototypeOf(asyncGenerator)];
}

function lockProperty(object, key, assignable) {
  const found = getOwnPropertyDescriptor(object, key);
  if (found === undefined || !found.configurable || LEFT.has(key)) return;
  if (found.get !== undefined || found.set !== undefined) defineProperty(object, key, { configurable: false });
  else if (!assignable) defineProperty(object, key, { configurable: false, writable: false });
  else defineProperty(object, key, { configurable: false, enumerable: found.enumerable, ...forwarding(object, key, found.value) });
}

function forwarding(object, key, value) {
  return {
    get: () => value,
    set(given) {
      if (this === object) throw new TypeError(`${String(key)} of a built-in object cannot be replaced here`);
      defineProperty(this, key, { value: given, writable: true, enumerable: true, configurable: true });
    },
  };
}

function addLater(prototype, name) {
  if (!(name in prototype)) defineProperty(prototype, name, stored(prototype, name));
}

function stored(prototype, name) {
  let kept;
  return {
    enumerable: false,
    configurable: true,
    get: () => kept,
    set(given) {
      if (this === prototype) kept = given;
      else defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true });
    },
  };
}

module.exports = { lock };
