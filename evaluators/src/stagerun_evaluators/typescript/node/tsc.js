'use strict';
/**
 * The real compiler, cold, over the named files: `node tsc.js TOOLCHAIN FILE.. [--syntax]`. Prints as `tsc --pretty false` does.
 *
 * tsc's command line cannot be told the options of `options.js` without a file beside the candidate's, so its own API is called.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { compilerOptions } = require('./options.js');

const [toolchain, ...rest] = process.argv.slice(2);
const names = rest.filter((name) => name !== '--syntax');
const ts = createRequire(join(toolchain, 'package.json'))('typescript');
const options = compilerOptions(ts, toolchain);
const program = ts.createProgram(names, { ...options, rootDir: undefined }, ts.createCompilerHost(options));
const files = names.map((name) => program.getSourceFile(name)).filter(Boolean);
const syntax = files.flatMap((file) => program.getSyntacticDiagnostics(file));
const types = syntax.length > 0 || rest.includes('--syntax') ? [] : files.flatMap((file) => program.getSemanticDiagnostics(file));
const host = { getCurrentDirectory: () => process.cwd(), getCanonicalFileName: (path) => path, getNewLine: () => '\n' };
process.stdout.write(ts.formatDiagnostics([...syntax, ...types], host));
process.exitCode = syntax.length + types.length > 0 ? 1 : 0;
