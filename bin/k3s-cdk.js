#!/usr/bin/env node
// Older versions must be able to read this file, to say what they are too old for.

const { engines } = require('../package.json');

const numbers = (version) => version.match(/\d+/g).map(Number);
const [major, minor] = numbers(process.versions.node);
const [oldestMajor, oldestMinor] = numbers(engines.node);

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  console.error(
    `error: k3s-cdk needs Node.js ${oldestMajor}.${oldestMinor} or newer, and this is ${process.versions.node} (${process.execPath}): see https://nodejs.org/en/download`,
  );
  process.exitCode = 1;
} else require('./start.js');
