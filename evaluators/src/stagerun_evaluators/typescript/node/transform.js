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
      const code = /\.[cm]?tsx?$/.test(path) ? ts.transpileModule(text, { compilerOptions: emitOptions(ts), fileName: path }).outputText : text;
      return { code: skips || !/\.(test|spec)\./.test(path) ? code : running(code) };
    },
  };
}

function running(code) {
  return code.replace(/(\bglobals_1\.)x(it|test|describe)\b/g, '$1$2').replace(/(^|[\s;])x(it|test|describe)(?=[.(])/g, '$1$2').replace(/\b(it|test|describe)\)?\.skip\b/g, (all, name) => all.replace('.skip', ''));
}

module.exports = { createTransformer };
