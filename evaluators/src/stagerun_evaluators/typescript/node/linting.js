'use strict';
/** Lints with the harness's rules. Comments of the candidate change nothing: inline configuration is off. */
const { lintConfig } = require('./options.js');

function createLinter(toolchainRequire) {
  const { Linter } = toolchainRequire('eslint');
  const config = lintConfig(toolchainRequire);
  const linter = new Linter({ configType: 'flat', cwd: '/' });
  return (texts) => Object.entries(texts).flatMap(([file, text]) => linter.verify(text, config, { filename: file }).map((found) => row(file, found)));
}

function row(file, found) {
  return { file, line: found.line ?? 0, message: found.message, severity: found.severity === 2 ? 'error' : 'warning', code: found.ruleId ?? 'parse', tool: 'eslint' };
}

module.exports = { createLinter, row };
