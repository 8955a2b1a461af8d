'use strict';
/** `node probe.js` prints Node's version, `node probe.js TOOLCHAIN` those of the packages; fails when they will not do. */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const OLDEST = 20; // the first with snapshots of a user's own heap and with permissions
const [toolchain] = process.argv.slice(2);

function version(name) {
  return `${name} ${JSON.parse(readFileSync(join(toolchain, 'node_modules', name, 'package.json'), 'utf8')).version}`;
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

if (toolchain === undefined) {
  if (Number(process.versions.node.split('.')[0]) < OLDEST) fail(`it is ${process.version}, ${OLDEST} or newer is needed`);
  console.log(process.version);
} else {
  try {
    console.log(['typescript', 'jest', 'eslint', 'typescript-eslint'].map(version).join(', '));
  } catch {
    fail(`its packages are not in ${toolchain}`);
  }
}
