#!/usr/bin/env node
// Plain JavaScript that old versions of Node.js can read: they get one sentence instead of a stack trace.
import { existsSync } from 'node:fs';

// As in package.json: SQL questions need what node:sqlite has since then.
const NEEDED = '24.10';

const [major, minor] = process.versions.node.split('.').map(Number);
const [neededMajor, neededMinor] = NEEDED.split('.').map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  process.stderr.write(
    'brokertap needs Node.js ' +
      NEEDED +
      ' or newer, and this is ' +
      process.version +
      ': install a newer one, or in a checkout run it with "npm start" or "npx brokertap", which bring their own.\n',
  );
  process.exit(2);
}
const source = new URL('../src/main.ts', import.meta.url);
import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
