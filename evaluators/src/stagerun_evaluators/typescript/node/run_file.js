'use strict';
/** What the test run reads: JavaScript of all files, and what the tests and the candidate change of the language's own objects. */

const OWNERS = 'Object|Function|Array|String|Number|Boolean|Map|Set|Promise|RegExp|Date|Symbol';
const ADDED = new RegExp(`\\b(${OWNERS})\\.prototype\\.([A-Za-z_$][\\w$]*)\\s*=(?![=>])`, 'g');
const REPLACED = /\b(?:spyOn|replaceProperty)\(\s*([\w.]+)\s*(?:as \w+\s*)?,\s*['"](\w+)['"]/g;
const ASSIGNED = /\b(?:global|globalThis)\.([A-Z]\w+)\s*=(?![=>])/g;

function runFile(checker, request) {
  const { files, task, tests } = request;
  const all = { ...files, ...task, ...tests };
  const loadable = Object.fromEntries(Object.entries(all).filter(([path]) => /\.([cm]?[jt]sx?|json)$/.test(path)));
  const told = Object.values({ ...task, ...tests }).join('\n');
  return {
    modules: checker.emitted(loadable),
    owned: Object.keys({ ...task, ...tests }),
    tests: request.run,
    texts: tests,
    open: [...told.matchAll(REPLACED)].map(([, owner, name]) => `${owner === 'globalThis' ? 'global' : owner}.${name}`).concat([...told.matchAll(ASSIGNED)].map(([, name]) => `global.${name}`)),
    added: [...Object.values(all).join('\n').matchAll(ADDED)].map(([, owner, name]) => [owner, name]),
  };
}

module.exports = { runFile };
