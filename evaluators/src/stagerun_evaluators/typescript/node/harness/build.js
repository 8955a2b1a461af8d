'use strict';
/**
 * Puts the harness and the parts of jest it uses into one script, and a snapshot of the heap after loading it: a process that starts
 * from it is ready in the time of an empty one. `node build.js TOOLCHAIN` writes `harness.blob` into the current folder. It fits only
 * the version and the flags of V8 that it was made with.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { execFileSync } = require('node:child_process');
const { builtinModules, createRequire } = require('node:module');
const { join } = require('node:path');
const patches = require('./patches.js');

const toolchain = createRequire(join(process.argv[2], 'package.json'));
const CALL = /\brequire\(\s*['"]([^'"]+)['"]\s*\)/g;

function resolve(from, name) {
  try {
    return createRequire(from).resolve(name);
  } catch {
    try {
      return toolchain.resolve(name);
    } catch {
      return null; // an optional module that is not installed
    }
  }
}

function patched(file, text) {
  for (const [name, changes] of Object.entries(patches)) {
    if (file !== toolchain.resolve(name)) continue;
    for (const [old, now, times] of changes) {
      const pieces = text.split(old);
      if (pieces.length !== times + 1) throw new Error(`${name} has "${old}" ${pieces.length - 1} times, not ${times}: patches.js fits another version`);
      text = pieces.join(now);
    }
  }
  return text;
}

/** Every file that the entry needs, each with what its require calls lead to. */
function collect(entry) {
  const files = new Map();
  const todo = [entry];
  while (todo.length > 0) {
    const file = todo.pop();
    if (files.has(file)) continue;
    const text = patched(file, readFileSync(file, 'utf8'));
    const leads = {};
    for (const [, name] of file.endsWith('.json') ? [] : text.matchAll(CALL)) {
      if (builtinModules.includes(name.replace(/^node:/, ''))) continue;
      const found = resolve(file, name);
      if (found !== null) leads[name] = found;
    }
    files.set(file, { text, leads });
    todo.push(...Object.values(leads));
  }
  return files;
}

function bundle(entry, trust) {
  const files = collect(entry);
  const numbers = new Map([...files.keys()].map((file, index) => [file, index]));
  const parts = [...files].map(([file, { text }]) =>
    file.endsWith('.json') ? `function (module) { module.exports = ${text}; }` : `function (module, exports, require, __trust, __filename, __dirname) {${text}\n}`,
  );
  const leads = [...files.values()].map((file) => Object.fromEntries(Object.entries(file.leads).map(([name, to]) => [name, numbers.get(to)])));
  return `'use strict';
const parts = [${parts.join(',\n')}];
const leads = ${JSON.stringify(leads)};
const loaded = [];
function load(number) {
  if (loaded[number] === undefined) {
    const module = (loaded[number] = { exports: {} });
    const trusted = number === ${numbers.get(trust)} ? undefined : load(${numbers.get(trust)});
    parts[number].call(module.exports, module, module.exports, (name) => (Object.hasOwn(leads[number], name) ? load(leads[number][name]) : require(name)), trusted, '', '');
  }
  return loaded[number].exports;
}
load(${numbers.get(entry)});
`;
}

writeFileSync('harness.js', bundle(join(__dirname, 'main.js'), join(__dirname, 'trust.js')));
execFileSync(process.execPath, [...process.execArgv, '--no-warnings', '--snapshot-blob', 'harness.blob', '--build-snapshot', 'harness.js'], { stdio: 'inherit' });
