'use strict';
/**
 * Collects and runs tests the way jest does: describe, test, hooks, each, skip, done callbacks, time limits.
 *
 * jest's own runner keeps its state behind a symbol that everybody can reach; this one keeps it in closures. What it lacks
 * (`only`, snapshots, module mocks, retries) goes through the real jest and never comes here.
 */
const each = require('jest-each');
const { isPromise } = require('node:util').types;

const { setTimeout, clearTimeout, setImmediate, Promise } = globalThis;
const LIMIT = 5000; // milliseconds for one test or hook, as in jest

/** `skips`: whether `xit` and `xdescribe` skip; `guard` is asked around every test: { begin(test), verdict(test) }. */
function createRunner({ skips, guard }) {
  const root = newBlock(null, '', '');
  const state = { block: root, limit: LIMIT, current: null, collecting: true, problem: null };
  const skip = skips ? 'skip' : '';

  function describeAs(mode) {
    return function describe(title, body) {
      if (!state.collecting) throw new Error('describe inside a test');
      const block = newBlock(state.block, titleOf(title), mode || state.block.mode);
      state.block.children.push(block);
      state.block = block;
      try {
        if (isPromise(body())) throw new Error('describe must not return a promise');
      } catch (error) {
        state.problem ??= { error };
      } finally {
        state.block = block.parent;
      }
    };
  }

  function testAs(mode) {
    return function test(title, body, limit) {
      if (!state.collecting) throw new Error('a test inside a test');
      if (mode !== 'todo' && typeof body !== 'function') throw new TypeError('a test needs a function');
      const parent = state.block;
      parent.children.push({ parent, title: titleOf(title), mode: parent.mode || mode, body, limit, error: null });
    };
  }

  function hook(kind) {
    return (body, limit) => {
      state.block.hooks[kind].push({ body, limit, hook: true });
    };
  }

  /** Every test that is to run, in order, with its full name. */
  function* tests(block = root) {
    for (const child of block.children) {
      if (child.children !== undefined) yield* tests(child);
      else if (child.mode !== 'skip' && child.mode !== 'todo') yield child;
    }
  }

  /** Afterwards each test's `error` is null, or a box with what was thrown: anything can be. */
  async function run(block = root, failed = null) {
    state.collecting = false;
    if (tests(block).next().done) return;
    for (const one of block.hooks.beforeAll) failed ??= await attempt(one);
    for (const child of block.children) {
      if (child.children !== undefined) await run(child, failed);
      else if (child.mode !== 'skip' && child.mode !== 'todo') child.error = failed ?? (await runTest(child));
    }
    for (const one of block.hooks.afterAll) {
      const later = await attempt(one);
      if (later !== null) for (const test of tests(block)) test.error ??= later;
    }
  }

  async function runTest(test) {
    const blocks = [];
    for (let block = test.parent; block !== null; block = block.parent) blocks.push(block);
    state.current = { error: null };
    guard.begin(test);
    let error = null;
    for (const block of blocks.toReversed()) for (const one of block.hooks.beforeEach) error ??= await attempt(one);
    error ??= await attempt(test);
    for (const block of blocks) {
      for (const one of block.hooks.afterEach) {
        const later = await attempt(one);
        error ??= later;
      }
    }
    await new Promise((resolve) => setImmediate(resolve)); // rejections that nobody handled come now
    error ??= state.current.error ?? guard.verdict(test);
    state.current = null;
    if (test.mode !== 'failing') return error;
    return error === null ? { error: new Error('a test that was to fail has passed') } : null;
  }

  function attempt(one) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ error: new Error('it took too long') }), one.limit ?? state.limit);
      const end = (box) => {
        clearTimeout(timer);
        resolve(box);
      };
      try {
        if (one.body.length > 0) one.body.call({}, doneCallback(end));
        else follow(one.body.call({}), one.hook, end);
      } catch (error) {
        end({ error });
      }
    });
  }

  const describe = withEach(describeAs(''), false);
  describe.skip = withEach(describeAs('skip'), false);
  const test = withEach(testAs(''), true);
  test.skip = withEach(testAs('skip'), true);
  const marked = withEach(testAs(skip), true);
  test.todo = testAs('todo');
  test.failing = withEach(testAs('failing'), true);
  return {
    globals: {
      describe, xdescribe: withEach(describeAs(skip), false), test, it: test, xit: marked, xtest: marked,
      beforeAll: hook('beforeAll'), afterAll: hook('afterAll'), beforeEach: hook('beforeEach'), afterEach: hook('afterEach'),
    },
    tests,
    run,
    problem: () => state.problem,
    limit: (milliseconds) => { state.limit = milliseconds; },
    uncaught: (error) => { if (state.current !== null) state.current.error ??= { error }; },
  };
}

function newBlock(parent, title, mode) {
  return { parent, title, mode, hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] }, children: [] };
}

function withEach(one, takesDone) {
  one.each = each.bind(one, takesDone);
  return one;
}

function doneCallback(end) {
  const done = (reason) => end(reason === undefined || reason === null ? null : { error: reason });
  done.fail = (reason) => end({ error: reason });
  return done;
}

/** Wait for what a test returned; as in jest a test returns a promise or nothing. */
function follow(value, isHook, end) {
  if (value !== null && typeof value === 'object' && typeof value.then === 'function') {
    new Promise((resolve) => resolve(value)).then(() => end(null), (error) => end({ error }));
  } else if (isHook || value === undefined) end(null);
  else end({ error: new Error('a test must return a promise or nothing') });
}

function fullName(test) {
  const titles = [test.title];
  for (let block = test.parent; block.parent !== null; block = block.parent) titles.unshift(block.title);
  return titles.join(' ');
}

function titleOf(title) {
  return typeof title === 'function' ? title.name : String(title);
}

module.exports = { createRunner, fullName };
