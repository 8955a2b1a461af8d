'use strict';
/** Prints the versions of the packages; fails when they are not installed. `node probe.js TOOLCHAIN` */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const version = (name) => JSON.parse(readFileSync(join(process.argv[2], 'node_modules', name, 'package.json'), 'utf8')).version;
try {
  console.log(['typescript', 'jest', 'eslint', 'typescript-eslint'].map((name) => `${name} ${version(name)}`).join(', '));
} catch {
  console.error(`its packages are not in ${process.argv[2]}`);
  process.exit(1);
}
