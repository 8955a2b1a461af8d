'use strict';
/** A reporter for the real jest that signs its report and writes it to descriptor 3. The secret is read before any code of the candidate runs. */
const { closeSync, existsSync, openSync, readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { numbered } = require('./harness/names.js');

const SECRET = 32;
const REPORT = 3;
const LONGEST = 300;
const write = writeSync;
const { stringify } = JSON;

module.exports = class Reporter {
  #secret;
  #job;
  #root;

  constructor({ rootDir }) {
    const given = readFileSync(0, 'utf8');
    closeSync(0); // a file that could be read again from its start
    openSync('/dev/null', 'r');
    this.#secret = given.slice(0, SECRET);
    this.#job = JSON.parse(given.slice(SECRET));
    this.#root = rootDir;
    if (this.#job.needs && !existsSync(join(rootDir, this.#job.needs))) process.exit(1); // the candidate does not parse: nothing is run
    say(this.#job.first, { names: this.#job.tests.map(() => null) });
  }

  onRunComplete(_, { testResults }) {
    const results = this.#job.tests.map((path) => outcome(testResults.find((one) => one.testFilePath === join(this.#root, path))));
    say(this.#secret, { results, tampered: [] });
  }
};

function outcome(file) {
  if (file === undefined) return { problem: 'jest did not run it', tests: [] };
  const name = numbered();
  const run = file.testResults.filter(({ status }) => status === 'passed' || status === 'failed');
  const tests = run.map((one) => [name(one.fullName), one.status === 'passed' ? null : shown(one.failureMessages[0])]);
  const problem = file.testExecError ? shown(file.testExecError.message || file.failureMessage) : null;
  return { problem, tests: problem === null ? tests : [] };
}

function shown(text) {
  return String(text ?? 'failed').replace(/\x1b\[[0-9;]*m/g, '').slice(0, LONGEST);
}

function say(signature, what) {
  const data = Buffer.from(`${signature} ${stringify(what)}\n`);
  for (let at = 0; at < data.length; ) at += write(REPORT, data, at);
}
