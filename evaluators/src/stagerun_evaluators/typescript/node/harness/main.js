'use strict';
/**
 * Runs one candidate's tests in this process and reports on descriptor 3. Built into a snapshot by `build.js`.
 *
 * stdin holds 32 characters, the secret that signs the last line, then a job as JSON; the folder holds `stagerun-run`, the
 * compiled modules, under the job's key. Two lines are written: `FIRST {names}` before any code of the candidate runs, `SECRET {outcome}` at the end.
 * Candidate and tests share one realm, as nothing else is true to JavaScript; so all that the verdict rests on is made
 * unchangeable or taken into closures first. No code of the candidate is ever on the stack below this file's functions in a way that
 * it could read them: everything here is strict.
 */
const fs = require('node:fs');
const { startupSnapshot } = require('node:v8');
const { expect } = require('expect');
const { createRunner, fullName } = require('./runner.js');
const { numbered } = require('./names.js');
const { createLoader, createStub } = require('./modules.js');
const { createJest } = require('./jest_object.js');
const { takeAway } = require('./surroundings.js');
const { lock } = require('./lock.js');
const { ciphered } = require('./cipher.js');
const trust = require('./trust.js');

const { closeSync, openSync, readSync, readFileSync, writeSync } = fs;
const alloc = Buffer.alloc.bind(Buffer);
const from = Buffer.from.bind(Buffer);
const { stringify, parse } = JSON;
const { apply } = Reflect;
const textOf = Function.prototype.toString;
const SECRET = 32;
const REPORT = 3;
const RUN = 'stagerun-run';
const LONGEST = 300;

async function main() {
  const leave = process.reallyExit.bind(process);
  const secret = alloc(SECRET);
  readSync(0, secret, 0, SECRET, null);
  const job = parse(readFileSync(0, 'utf8'));
  forgetInput();
  const given = parse(ciphered(from(readFileSync(RUN, 'utf8'), 'base64'), job.key).toString());
  const files = given.tests.map((path) => createFile(path, given, job));
  const names = files.map((file) => file.collected());
  say(from(job.first), { names });
  const tampered = [];
  takeAway((what) => tampered.push(what));
  trust.state.unchanged = lock(new Set(given.open), given.added);
  process.on('uncaughtException', (error) => current?.uncaught(error));
  process.on('unhandledRejection', (error) => current?.uncaught(error));
  const results = [];
  let current = null;
  for (const file of files) {
    current = file;
    results.push(await file.run());
  }
  current = null;
  if (canaryLives()) tampered.push('made a wrong expectation pass');
  if (!trust.state.unchanged()) tampered.push('replaced a method of regular expressions');
  if (trust.state.tampered !== null) tampered.push(trust.state.tampered);
  say(secret, { results, tampered });
  leave(0);
}

/** One test file: the names it defines without the candidate, and its run with it. */
function createFile(path, given, job) {
  const whole = given.texts[path];
  const swallows = /\bcatch\b|\bretry|\bwaitFor|\beventually/.test(whole);
  const made = (skips) => {
    const runner = createRunner({ skips, guard: createGuard(swallows) });
    const { jest, prepare } = createJest(runner.limit);
    return { runner, prepare, globals: { ...runner.globals, expect, jest } };
  };
  const real = made(job.skips);
  if (/Timers/.test(whole)) real.prepare(); // it takes the true clock while that is true
  return {
    uncaught: real.runner.uncaught,
    collected() {
      const { runner, globals } = made(job.skips);
      try {
        createLoader(given, globals, createStub())(path);
      } catch {
        return null; // the names depend on the candidate
      }
      return runner.problem() === null ? namesOf(runner) : null;
    },
    async run() {
      let problem = null;
      try {
        createLoader(given, real.globals)(path);
        problem = real.runner.problem();
      } catch (error) {
        problem = { error };
      }
      if (problem !== null) return { problem: told(problem), tests: [] };
      await real.runner.run();
      const name = numbered();
      return { problem: null, tests: [...real.runner.tests()].map((test) => [name(fullName(test)), test.error === null ? null : told(test.error)]) };
    },
  };
}

function namesOf(runner) {
  const name = numbered();
  return [...runner.tests()].map((test) => name(fullName(test)));
}

/** Around each test: counts of expectations start anew; expectations that failed or never ran unseen are found. */
function createGuard(swallows) {
  return {
    begin() {
      expect.setState({ assertionCalls: 0, expectedAssertionsNumber: null, isExpectingAssertions: false, numPassingAsserts: 0, suppressedErrors: [] });
      trust.state.failed = 0;
    },
    verdict(test) {
      const { assertionCalls, suppressedErrors } = expect.getState();
      const [wrong] = expect.extractExpectedAssertionsErrors();
      if (wrong !== undefined) return { error: wrong.error };
      if (suppressedErrors.length > 0) return { error: suppressedErrors[0] };
      if (!trust.state.unchanged()) return { error: new Error('a built-in object was changed') };
      if (trust.state.failed > 0 && !swallows && test.mode !== 'failing') return { error: new Error('a failed expectation was swallowed') };
      return assertionCalls === 0 && awaitsByHand(test) ? { error: new Error('its expectations, behind a then, never ran') } : null;
    },
  };
}

function awaitsByHand(test) {
  const text = apply(textOf, test.body, []);
  return /\.(then|catch|finally)\(/.test(text) && /\bexpect\(/.test(text);
}

/** Whether an expectation that is wrong passes now. */
function canaryLives() {
  const wrong = [() => expect(1).toBe(2), () => expect({ a: [1, 'x'] }).toEqual({ a: [1, 'y'] }), () => expect('a').toMatch(/b/), () => expect(() => {}).toThrow()];
  return wrong.some((one) => {
    try {
      one();
      return true;
    } catch {
      return false;
    }
  });
}

/** An error in words; its own may be the candidate's code. */
function told({ error }) {
  try {
    const text = error !== null && typeof error === 'object' && typeof error.message === 'string' ? `${error.name}: ${error.message}` : String(error);
    return text.slice(0, LONGEST);
  } catch {
    return 'an error that cannot be shown';
  }
}

/** The input is a file that could be read again from its start, secret and all. */
function forgetInput() {
  closeSync(0);
  openSync('/dev/null', 'r');
}

/** Nothing that the candidate could have replaced sees the signature. */
function say(signature, what) {
  write(signature);
  write(from(` ${stringify(what)}\n`));
}

function write(data) {
  const { length } = data;
  for (let at = 0; at < length; ) at += writeSync(REPORT, data, at, length - at);
}

startupSnapshot.setDeserializeMainFunction(main);
