'use strict';
/**
 * The server that reads candidates: one line in, a JSON list of requests; one line out, as many answers. `node service.js TOOLCHAIN`
 *
 * A request is JSON text: `files` of the candidate, `task` (the task's other files), `tests`, `lint` (which files), `run` (the order of
 * the tests), `key`. An answer is
 * `stdout`, JSON with the diagnostics, and `files`, what the test run reads. No code of a candidate is run here.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { createChecker } = require('./checking.js');
const { createLinter } = require('./linting.js');
const { runFile } = require('./run_file.js');
const { ciphered } = require('./harness/cipher.js');

const RECYCLED = 2000; // candidates, then a fresh process: what a compiler keeps in memory only grows
const LARGEST = 1500; // megabytes, then the same

const toolchain = process.argv[2];
const toolchainRequire = createRequire(join(toolchain, 'package.json'));
const checker = createChecker(toolchainRequire('typescript'), toolchain);
const lint = createLinter(toolchainRequire);
let answered = 0;

function answer(texts) {
  const requests = texts.map((text) => JSON.parse(text));
  const checked = checker.check(requests);
  return requests.map((request, index) => {
    const found = { ...checked[index], lint: checked[index].syntax.length > 0 ? checked[index].syntax : lint(chosen(request)) };
    const files = found.syntax.length > 0 ? {} : { 'stagerun-run': hidden(runFile(checker, request), request.key) };
    return { stdout: JSON.stringify(shortened(found)), files };
  });
}

/** What the test run reads, so that the candidate cannot. */
function hidden(run, key) {
  return ciphered(Buffer.from(JSON.stringify(run)), key).toString('base64');
}

function chosen(request) {
  return Object.fromEntries(request.lint.map((path) => [path, request.files[path]]));
}

/** The first complaints of each kind, and how many there are. */
function shortened(found) {
  const cut = (rows) => rows.slice(0, 20).map((row) => ({ ...row, message: row.message.slice(0, 300) }));
  const errors = found.lint.filter((row) => row.severity === 'error');
  return { syntax: cut(found.syntax), types: cut(found.types), lint: cut(errors), counts: [found.syntax.length, found.types.length, errors.length] };
}

/** The first answer takes seconds, most of them for the language's own types; they are nobody's. */
function warmUp() {
  const files = { 'a.ts': 'export const a: Map<string, number> = new Map();\n' };
  answer([JSON.stringify({ key: 'k', files, task: {}, tests: {}, run: [], lint: ['a.ts'] })]);
}

warmUp();
let waiting = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (data) => {
  waiting += data;
  for (let at = waiting.indexOf('\n'); at >= 0; at = waiting.indexOf('\n')) {
    const texts = JSON.parse(waiting.slice(0, at));
    waiting = waiting.slice(at + 1);
    answered += texts.length;
    const last = answered >= RECYCLED || process.memoryUsage.rss() > LARGEST * 2 ** 20;
    process.stdout.write(`${JSON.stringify(answer(texts))}\n`, last ? () => process.exit(0) : undefined);
  }
});
process.stdin.on('end', () => process.exit(0));
