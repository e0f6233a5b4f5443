#!/usr/bin/env node
// Plain JavaScript that old versions of Node.js can read: they get one sentence instead of a stack trace.
import { existsSync } from 'node:fs';

// As in package.json: SQL questions need what node:sqlite has since then.
const NEEDED = '24.10';

const at = (place) => new URL(`../${place}`, import.meta.url);
const source = at('src/main.ts');

/** What to do in a checkout besides. */
function ownNode() {
  if (!existsSync(source)) return '';
  if (existsSync(at('node_modules/node/bin')))
    return ', or run it with "npm start" or "npx brokertap", which bring their own';
  if (existsSync(at('node_modules/node')))
    return ', or run "npm rebuild node --ignore-scripts=false" here: npm has left out the install script of the package "node", which brings one';
  return ', or run "npm ci" here, then "npm start" or "npx brokertap", which bring their own';
}

const [major, minor] = process.versions.node.split('.').map(Number);
const [neededMajor, neededMinor] = NEEDED.split('.').map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  process.stderr.write(
    'brokertap needs Node.js ' +
      NEEDED +
      ' or newer, and this is ' +
      process.version +
      ': install a newer one' +
      ownNode() +
      '\n',
  );
  process.exit(2);
}
import(existsSync(source) ? source.href : at('dist/main.js').href);
