'use strict';
/** The `jest` of the tests: mock functions and fake clocks by jest's own packages. Mocked modules go through the real jest instead. */
const { ModuleMocker } = require('jest-mock');
const { ModernFakeTimers } = require('@jest/fake-timers');

const CLOCK = [
  'advanceTimersByTime', 'advanceTimersByTimeAsync', 'advanceTimersToNextTimer', 'advanceTimersToNextTimerAsync', 'advanceTimersToNextFrame', 'clearAllTimers',
  'getTimerCount', 'runAllTicks', 'runAllTimers', 'runAllTimersAsync', 'runOnlyPendingTimers', 'runOnlyPendingTimersAsync', 'getRealSystemTime', 'now',
];

function createJest(setLimit) {
  const mocker = new ModuleMocker(globalThis);
  let clock = null;
  const timers = () => (clock ??= new ModernFakeTimers({ config: { fakeTimers: {}, rootDir: '/' }, global: globalThis }));
  const jest = {};
  Object.assign(jest, {
    fn: mocker.fn.bind(mocker),
    spyOn: mocker.spyOn.bind(mocker),
    replaceProperty: mocker.replaceProperty.bind(mocker),
    mocked: mocker.mocked.bind(mocker),
    isMockFunction: mocker.isMockFunction.bind(mocker),
    clearAllMocks: () => (mocker.clearAllMocks(), jest),
    resetAllMocks: () => (mocker.resetAllMocks(), jest),
    restoreAllMocks: () => (mocker.restoreAllMocks(), jest),
    useFakeTimers: (options) => (timers().useFakeTimers(options), jest),
    useRealTimers: () => (timers().useRealTimers(), jest),
    setSystemTime: (time) => timers().setSystemTime(time),
    setTimeout: (milliseconds) => (setLimit(milliseconds), jest),
  });
  for (const name of CLOCK) jest[name] = (...values) => timers()[name](...values);
  return { jest, prepare: timers };
}

module.exports = { createJest };
