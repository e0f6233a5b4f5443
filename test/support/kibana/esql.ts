import assert from 'node:assert/strict';
import { assertField } from './fields.ts';

const COMMANDS = ['FROM', 'WHERE', 'STATS', 'EVAL', 'SORT', 'KEEP', 'LIMIT'];
const FUNCTIONS = [
  ...['MIN', 'MAX', 'SUM', 'AVG', 'COUNT', 'COUNT_DISTINCT', 'VALUES'],
  ...['CASE', 'NOW', 'STARTS_WITH', 'TO_STRING', 'DATE_DIFF'],
];
const WORDS = [
  'AND',
  'OR',
  'NOT',
  'IN',
  'IS',
  'NULL',
  'LIKE',
  'BY',
  'ASC',
  'DESC',
  'minutes',
  'true',
  'false',
];
const TOKEN =
  /\s*("(?:[^"\\]|\\.)*"|\?[a-z]+|\d+(?:\.\d+)?|@?[A-Za-z_][\w@]*(?:\.[\w@]+)*|==|!=|<=|>=|[-+*/<>=(),])/y;

/**
 * Reads a query in ES|QL as far as the assets go: commands, functions that Elasticsearch 8.15 has, parentheses that close,
 * and names that are a field of the dataset or were made by an earlier command and are still there.
 * @returns the parameters it names
 */
export function checkEsql(text: string, dataset: string | undefined): Set<string> {
  const parameters = new Set<string>();
  const made = new Set<string>();
  /** After STATS and KEEP only what they name is there. */
  let fieldsThere = true;
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('//'));
  for (const [i, line] of lines.entries()) {
    const command = /^(\| )?([A-Z]+) (.*)$/.exec(line);
    assert.ok(command, line);
    const [, pipe, name = '', rest = ''] = command;
    assert.equal(pipe !== undefined, i > 0, line);
    assert.ok(COMMANDS.includes(name), line);
    assert.equal(name === 'FROM', i === 0, line);
    if (name === 'FROM') {
      assert.match(rest, /^logs-mqtt\.[a-z*]+-[a-z*]+$/);
      continue;
    }
    const tokens = tokensOf(rest);
    const stays = new Set<string>();
    let depth = 0;
    for (const [k, token] of tokens.entries()) {
      if (token === '(') depth++;
      if (token === ')') depth--;
      assert.ok(depth >= 0, line);
      if (token.startsWith('?')) parameters.add(token.slice(1));
      if (!/^[@A-Za-z_]/.test(token) || WORDS.includes(token)) continue;
      if (tokens[k + 1] === '(') {
        assert.ok(FUNCTIONS.includes(token), `${token} in ${line}`);
      } else if (tokens[k + 1] === '=' && depth === 0) {
        stays.add(token);
      } else if (!made.has(token)) {
        assert.ok(fieldsThere, `${token} is no longer there: ${line}`);
        assertField(token, dataset, name === 'KEEP' ? 'any' : 'value');
      }
      if (name === 'KEEP' || tokens.lastIndexOf('BY', k) >= 0) stays.add(token);
    }
    assert.equal(depth, 0, line);
    if (name === 'STATS' || name === 'KEEP') {
      fieldsThere = false;
      made.clear();
    }
    for (const one of stays) made.add(one);
  }
  return parameters;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    assert.ok(found, `cannot be read: ${text.slice(at)}`);
    tokens.push(found[1]!);
  }
  return tokens;
}
