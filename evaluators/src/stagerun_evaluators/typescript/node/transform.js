'use strict';
/** TypeScript to JavaScript for the real jest, by the same call as in the quick way. */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { emitOptions } = require('./options.js');

/** `skips` false: tests that are marked to be skipped run, as Exercism means them to. */
function createTransformer({ packages, skips }) {
  const ts = createRequire(join(packages, 'package.json'))('typescript');
  return {
    process(text, path) {
      const code = /\.[cm]?tsx?$/.test(path) ? ts.transpileModule(text, { ...hoisting(ts), compilerOptions: emitOptions(ts), fileName: path }).outputText : text;
      return { code: skips || !/\.(test|spec)\./.test(path) ? code : running(code) };
    },
  };
}

/** Calls of `jest.mock` and its kin go before the imports, as jest's own transformer does; only `jest` itself is imported before them. */
function hoisting(ts) {
  const rank = (one) => {
    if (ts.isImportDeclaration(one)) return one.moduleSpecifier.text === '@jest/globals' ? 0 : 2;
    return ts.isExpressionStatement(one) && /^jest\s*\.\s*(?:mock|unmock|enableAutomock|disableAutomock|deepUnmock)\b/.test(one.getText()) ? 1 : 2;
  };
  const reorder = () => (file) => {
    const sorted = [...file.statements].map((one) => [rank(one), one]).sort(([one], [other]) => one - other);
    return ts.factory.updateSourceFile(file, sorted.map(([, one]) => one));
  };
  return { transformers: { before: [reorder] } };
}

function running(code) {
  return code.replace(/(\bglobals_1\.)x(it|test|describe)\b/g, '$1$2').replace(/(^|[\s;])x(it|test|describe)(?=[.(])/g, '$1$2');
}

module.exports = { createTransformer };
