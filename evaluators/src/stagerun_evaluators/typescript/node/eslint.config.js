'use strict';
/** The linter's configuration for the plain way; the packages' folder is in the environment. */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { lintConfig } = require('./options.js');

module.exports = lintConfig(createRequire(join(process.env.STAGERUN_TOOLCHAIN, 'package.json')));
