'use strict';
/** The compiler's options and the linter's rules: the harness's own, the same in the warm and in the plain way. */
const { join } = require('node:path');

/** `toolchain` is the folder that holds node_modules; `ts` the compiler found there. Strict, as Exercism's. */
function compilerOptions(ts, toolchain) {
  return {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    esModuleInterop: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    noErrorTruncation: false,
    types: ['node', 'jest'],
    typeRoots: [join(toolchain, 'node_modules', '@types')],
    jsx: ts.JsxEmit.React,
    experimentalDecorators: false,
  };
}

function emitOptions(ts) {
  return { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true, jsx: ts.JsxEmit.React, removeComments: false };
}

function lintConfig(toolchainRequire) {
  const js = toolchainRequire('@eslint/js');
  const typed = toolchainRequire('typescript-eslint');
  const files = ['**/*.ts', '**/*.tsx', '**/*.mts', '**/*.cts'];
  const rows = [js.configs.recommended, ...typed.configs.recommended].map((row) => ({ ...row, files }));
  return [...rows, { files, linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } }];
}

module.exports = { compilerOptions, emitOptions, lintConfig };
