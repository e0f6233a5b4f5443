import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { hasCode, reasonOf, StateError, UsageError } from '../core/errors.ts';
import { matchesFilter } from '../core/mqtt/topic.ts';
import { hint } from '../core/text/suggest.ts';
import { CATALOGUE, fieldType } from '../ecs/catalogue.ts';
import type { Field } from '../ecs/fields/field.ts';
import { FULL_LINK_VIEW } from './emqx-view.ts';
import { withoutIntervals } from './interval.ts';

const FIELDS = Object.entries<Field>(CATALOGUE);
const ID = 'event.id';
/** Pages of the database that are kept in memory; what is beyond lies in a temporary file. */
const CACHE_KIB = 128 * 1024;
/** Events of one transaction. */
const BATCH_EVENTS = 10_000;
/** Prepared statements, one for each set of fields that events have. */
const MAX_SHAPES = 1000;
/** What a question may do (https://sqlite.org/c3ref/c_alter_table.html). */
const ALLOWED: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

type Value = string | number | null | Uint8Array;
/** An event as the encoder writes it. */
type Json = Readonly<Record<string, unknown>>;

/** Where the fields of an event are: a field of the table, or an object with further ones. */
interface Place {
  readonly column?: number;
  readonly below: Map<string, Place>;
}

/** What a question gives. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly Value[]>;
  /** Names of columns whose numbers are true and false. */
  readonly booleans: ReadonlySet<string>;
  /** It asks for every field: most of them are empty. */
  readonly isEverything: boolean;
}

/**
 * Events as rows of a table `events`, with one column for each field of the catalogue, and of the view
 * `emqx_full_link_events`. It is made for one question: only the fields that it reads are stored. Objects and arrays are
 * JSON texts; true and false are 1 and 0; times are ISO 8601 in UTC. An event comes once, however often it is in the files.
 */
export class EventDatabase {
  private readonly db: DatabaseSync;
  private readonly question: StatementSync;
  private readonly isEverything: boolean;
  /** Fields that are stored. */
  private readonly columns: readonly string[];
  private readonly root: Place = { below: new Map() };
  private readonly shapes = new Map<string, StatementSync>();
  private readonly values: SQLInputValue[] = [];
  private readonly present: number[] = [];
  private pending = 0;

  /** @throws UsageError when the SQL is no question that can be answered */
  constructor(sql: string) {
    const question = withoutIntervals(sql);
    const read = fieldsOf(question);
    this.isEverything = read.size === FIELDS.length;
    this.columns = FIELDS.map(([name]) => name).filter((name) => name === ID || read.has(name));
    for (const [i, name] of this.columns.entries()) this.place(name.split('.'), i);
    // A database without a name is a temporary one, which the system removes.
    this.db = open('', this.columns);
    this.db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
    this.question = this.db.prepare(question);
  }

  /** Stores an event. @returns false when there was one with its id: it is left out @throws StateError */
  insert(event: Json): boolean {
    this.present.length = 0;
    this.values.length = 0;
    this.collect(event, this.root);
    try {
      if (this.pending === 0) this.db.exec('BEGIN');
      const { changes } = this.statement().run(...this.values);
      if (++this.pending === BATCH_EVENTS) this.flush();
      return Number(changes) > 0;
    } catch (error) {
      const place = 'set SQLITE_TMPDIR to a directory with more room';
      throw new StateError(`the temporary database cannot be written (${reasonOf(error)}): ${place}`);
    }
  }

  /** Asks. @param parameters by name; those that the question does not have are passed over @throws UsageError */
  answer(parameters: Readonly<Record<string, string | null>>): Result {
    this.flush();
    const { question } = this;
    question.setAllowUnknownNamedParameters(true);
    question.setReturnArrays(true);
    // Else a number beyond 2^53 would end the reading.
    question.setReadBigInts(true);
    const columns = question.columns();
    const booleans = columns.filter(
      ({ column, table }) =>
        table === 'events' && FIELDS.some(([name, { type }]) => name === column && type === 'boolean'),
    );
    return {
      columns: columns.map(({ name }) => name),
      rows: this.rows(parameters),
      booleans: new Set(booleans.map(({ name }) => name)),
      isEverything: this.isEverything,
    };
  }

  close(): void {
    this.db.close();
  }

  private *rows(parameters: Readonly<Record<string, string | null>>): Generator<readonly Value[]> {
    try {
      for (const row of this.question.iterate({ ...parameters })) {
        const values = row as unknown as readonly (Value | bigint)[];
        yield values.map((value) => (typeof value === 'bigint' ? Number(value) : value));
      }
    } catch (error) {
      throw problemOf(error);
    }
  }

  private place(path: readonly string[], column: number): void {
    let at = this.root;
    for (const [i, key] of path.entries()) {
      const known = at.below.get(key);
      const next = known ?? { below: new Map(), ...(i === path.length - 1 && { column }) };
      at.below.set(key, next);
      at = next;
    }
  }

  private collect(object: Json, place: Place): void {
    for (const key in object) {
      const found = place.below.get(key);
      if (found === undefined) continue;
      const value = object[key];
      if (found.column !== undefined) {
        this.present.push(found.column);
        this.values.push(stored(value));
      } else if (typeof value === 'object' && value !== null) this.collect(value as Json, found);
    }
  }

  private statement(): StatementSync {
    const key = this.present.join();
    let statement = this.shapes.get(key);
    if (statement === undefined) {
      const names = this.present.map((column) => `"${this.columns[column]}"`);
      if (this.shapes.size >= MAX_SHAPES) this.shapes.clear();
      statement = this.db.prepare(
        `INSERT OR IGNORE INTO events (${names.join()}) VALUES (${names.map(() => '?').join()})`,
      );
      this.shapes.set(key, statement);
    }
    return statement;
  }

  private flush(): void {
    if (this.pending > 0) this.db.exec('COMMIT');
    this.pending = 0;
  }
}

/** A database with the table, the view and the functions of ours. @param columns fields that the table has */
function open(file: string, columns: readonly string[]): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE events (${columns.map(columnOf).join(', ')}) WITHOUT ROWID; ${FULL_LINK_VIEW}`);
  db.function('mqtt_match', { deterministic: true }, (filter, topic) =>
    typeof filter === 'string' && typeof topic === 'string' && matchesFilter(filter, topic) ? 1 : 0,
  );
  db.function('now', () => new Date().toISOString().replace('T', ' ').slice(0, -1));
  return db;
}

/** The fields that a question reads. SQLite tells them when it compiles it, and that it does nothing else. @throws UsageError */
function fieldsOf(sql: string): ReadonlySet<string> {
  const read = new Set<string>();
  const names = FIELDS.map(([name]) => name);
  const db = open(':memory:', names);
  db.setAuthorizer((action, table, column) => {
    if (!ALLOWED.has(action)) return constants.SQLITE_DENY;
    if (action === constants.SQLITE_READ && table === 'events' && column !== null && column !== '')
      read.add(column);
    return constants.SQLITE_OK;
  });
  try {
    db.prepare(sql);
    // What stands behind the first statement is passed over without a word; within brackets it is a mistake.
    db.prepare(`SELECT * FROM (${sql.replace(/[\s;]+$/, '')}\n)`);
    return read;
  } catch (error) {
    throw problemOf(error);
  } finally {
    db.close();
  }
}

function columnOf(name: string): string {
  if (name === ID) return `"${ID}" TEXT PRIMARY KEY`;
  const type = fieldType(name) ?? 'keyword';
  const isNumber = ['long', 'short', 'byte', 'boolean'].includes(type);
  return `"${name}" ${isNumber ? 'INTEGER' : type === 'float' ? 'REAL' : 'TEXT'}`;
}

function stored(value: unknown): SQLInputValue {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** One sentence: what is wrong with the SQL, and what to write. */
function problemOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.message.includes('contains no statements'))
    return new UsageError('this is no SQL: write SELECT …');
  if (!hasCode(error, 'ERR_SQLITE_ERROR')) return error;
  const words = error.message.replace(/ - should this be a string literal in single-quotes\?$/, '');
  const column = /^no such column: "?(.+?)"?$/.exec(words)?.[1];
  return new UsageError(
    `the SQL does not work: ${column === undefined ? words + adviceFor(words) : aboutColumn(column)}`,
  );
}

function aboutColumn(column: string): string {
  if (Object.hasOwn(CATALOGUE, column))
    return `write the field ${column} in double quotes: "${column}" (in a shell, the SQL in single quotes)`;
  return `there is no column ${column}; ${hint(column, Object.keys(CATALOGUE), 'docs/fields.md lists them')}`;
}

function adviceFor(words: string): string {
  if (words.startsWith('no such table')) return '; there are events and emqx_full_link_events';
  if (words.startsWith('not authorized')) return ': questions only read; write SELECT …';
  return words.includes('near ";"') ? ': write one statement' : '';
}
