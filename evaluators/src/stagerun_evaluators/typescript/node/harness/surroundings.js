'use strict';
/** Takes away from `process` what leads out of the candidate's own code, and what ends the run without a word. */

const GONE = [
  'binding', '_linkedBinding', 'dlopen', 'getBuiltinModule', 'mainModule', 'report', '_getActiveHandles', '_getActiveRequests', '_kill',
  '_debugProcess', '_debugEnd', '_rawDebug', 'setUncaughtExceptionCaptureCallback', 'openStdin', '_preload_modules',
  'loadEnvFile', 'setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups', '_startProfilerIdleNotifier', '_stopProfilerIdleNotifier',
];
const ENDS = ['exit', 'reallyExit', 'abort', 'kill'];

/** `tell` is told of an attempt to end the process. Tests may still put functions of their own in their place. */
function takeAway(tell) {
  for (const name of GONE) delete process[name];
  for (const name of GONE) if (name in process) process[name] = undefined;
  for (const name of ENDS) {
    process[name] = () => {
      tell(`called process.${name}`);
      throw new Error(`process.${name} was called`);
    };
  }
}

module.exports = { takeAway };
