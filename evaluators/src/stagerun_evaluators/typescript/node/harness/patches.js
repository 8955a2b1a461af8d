'use strict';
/** The changes to the pinned sources of `expect` that make it ask `trust.js`. Each text must be found exactly as often as said. */
module.exports = {
  '@jest/expect-utils': [
    ["return !!obj && isA('Function', obj.asymmetricMatch);", 'return !!obj && __trust.isMatcher(obj);', 1],
    ['function isDomNode(obj) {', 'function isDomNode(obj) {\n  return false;', 1],
    ['!hasIterator(a) || !hasIterator(b)) {\n    return undefined;\n  }', '!hasIterator(a) || !hasIterator(b)) {\n    return undefined;\n  }\n  if (!__trust.comparable(a, b)) return false;', 1],
  ],
  expect: [
    ['inverse = false) {\n    this.sample = sample;', 'inverse = false) {\n    __trust.matcher(this);\n    this.sample = sample;', 1],
    ['const getThrown = e => {', 'const getThrown = e => {\n  return __trust.thrown(e);', 1],
    ['return actualWrapper.then(', 'return __trust.promise(actualWrapper).then(', 2],
    ['function throwingMatcher(...args) {', 'function throwingMatcher(...args) {\n  __trust.begin();', 1],
    ['if (throws) {\n        throw error;', '__trust.failed();\n      if (throws) {\n        throw error;', 1],
  ],
};
