/*
 * A checker for Logstash pipeline files: the grammar, and the options of the plugins that we use (Logstash 9.x; what its
 * own `-t` would say). Written from the documented form of the language.
 */

type Value =
  | { readonly type: 'text' | 'number' | 'word'; readonly text: string }
  | { readonly type: 'array'; readonly items: readonly Value[] }
  | { readonly type: 'hash'; readonly entries: readonly (readonly [string, Value])[] }
  | { readonly type: 'plugin'; readonly plugin: Plugin };

export interface Plugin {
  readonly section: string;
  readonly name: string;
  readonly line: number;
  readonly options: readonly (readonly [string, Value])[];
}

class LogstashSyntaxError extends Error {}

/** Options that may be given, by section and plugin. Obsolete names (`ssl_enable`, `cacert` …) are not among them. */
const COMMON = [
  'id',
  'enable_metric',
  'add_field',
  'add_tag',
  'remove_field',
  'remove_tag',
  'codec',
  'type',
  'tags',
];
const SSL_INPUT = [
  'ssl_enabled',
  'ssl_certificate',
  'ssl_key',
  'ssl_key_passphrase',
  'ssl_certificate_authorities',
  'ssl_client_authentication',
  'ssl_supported_protocols',
  'ssl_cipher_suites',
];
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'input tcp': ['host', 'port', 'mode', 'dns_reverse_lookup_enabled', 'tcp_keep_alive', ...SSL_INPUT],
  'input beats': [
    'host',
    'port',
    'client_inactivity_timeout',
    'executor_threads',
    'enrich',
    'event_loop_threads',
    ...SSL_INPUT,
  ],
  'input http': [
    'host',
    'port',
    'user',
    'password',
    'additional_codecs',
    'ecs_compatibility',
    'remote_host_target_field',
    'request_headers_target_field',
    'max_content_length',
    'max_pending_requests',
    'response_code',
    'threads',
    ...SSL_INPUT,
  ],
  'input dead_letter_queue': ['path', 'pipeline_id', 'commit_offsets', 'clean_consumed', 'start_timestamp'],
  'codec json_lines': ['charset', 'delimiter', 'ecs_compatibility', 'decode_size_limit_bytes', 'target'],
  'codec json': ['charset', 'ecs_compatibility', 'target'],
  'filter mutate': ['copy', 'rename', 'replace', 'update', 'convert', 'gsub', 'lowercase', 'tag_on_failure'],
  'filter json': ['source', 'target', 'skip_on_invalid_json', 'tag_on_failure', 'ecs_compatibility'],
  'filter drop': ['percentage'],
  'filter ruby': ['code', 'init', 'path', 'script_params', 'tag_on_exception', 'tag_with_exception_message'],
  'output elasticsearch': [
    'hosts',
    'api_key',
    'user',
    'password',
    'cloud_id',
    'data_stream',
    'data_stream_auto_routing',
    'data_stream_sync_fields',
    'silence_errors_in_log',
    'document_id',
    'action',
    'index',
    'ssl_enabled',
    'ssl_certificate_authorities',
    'ssl_verification_mode',
    'ca_trusted_fingerprint',
    'compression_level',
    'dlq_custom_codes',
    'manage_template',
  ],
};

/** Everything that is wrong with a pipeline file, one sentence each. */
export function checkLogstashConfig(text: string): string[] {
  let plugins: readonly Plugin[];
  try {
    plugins = parseLogstashConfig(text);
  } catch (error) {
    if (error instanceof LogstashSyntaxError) return [error.message];
    throw error;
  }
  return plugins.flatMap(checkPlugin);
}

function checkPlugin(plugin: Plugin): string[] {
  const name = `${plugin.section} ${plugin.name}`;
  const known = OPTIONS[name];
  if (known === undefined) return [`line ${plugin.line}: ${name}: a plugin that is not in the list`];
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [option, value] of plugin.options) {
    if (![...known, ...COMMON].includes(option))
      problems.push(`line ${plugin.line}: ${name}: no option ${option}`);
    if (seen.has(option)) problems.push(`line ${plugin.line}: ${name}: ${option} is given twice`);
    seen.add(option);
    if (value.type === 'plugin') problems.push(...checkPlugin(value.plugin));
  }
  return problems;
}

/** @returns all plugins of a file, those within conditionals too. @throws LogstashSyntaxError with the line */
export function parseLogstashConfig(text: string): readonly Plugin[] {
  return new Parser(text).file();
}

const WORD = /[A-Za-z_][A-Za-z0-9_]+/y;
const NAME = /[A-Za-z0-9_-]+/y;
const NUMBER = /-?[0-9]+(\.[0-9]+)?/y;
const TEXT = /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/sy;
const SPACE = /(\s|#[^\n]*(\n|$))*/y;
const FIELD = /(\[[^[\],]+\])+/y;
const REGEXP = /\/(\\.|[^/\\])*\//y;
const COMPARISON = /==|!=|<=|>=|<|>|=~|!~|not\s+in\b|in\b/y;
const JUNCTION = /(and|or|xor|nand)\b/y;

class Parser {
  private readonly text: string;
  private at = 0;
  private readonly plugins: Plugin[] = [];

  constructor(text: string) {
    this.text = text;
  }

  file(): readonly Plugin[] {
    for (this.space(); this.at < this.text.length; this.space()) {
      const section = this.take(/(input|filter|output)\b/y) ?? this.fail('input, filter or output');
      this.body(section);
    }
    return this.plugins;
  }

  private body(section: string): void {
    this.expect('{');
    while (!this.accept('}')) {
      if (this.take(/if\b/y) !== undefined) this.branch(section);
      else this.plugins.push(this.plugin(section));
    }
  }

  private branch(section: string): void {
    this.condition();
    this.body(section);
    while (this.take(/else\s+if\b/y) !== undefined) {
      this.condition();
      this.body(section);
    }
    if (this.take(/else\b/y) !== undefined) this.body(section);
  }

  private condition(): void {
    do this.expression();
    while (this.take(JUNCTION) !== undefined);
  }

  private expression(): void {
    if (this.accept('(')) {
      this.condition();
      this.expect(')');
      return;
    }
    if (this.accept('!')) {
      if (this.accept('(')) {
        this.condition();
        this.expect(')');
      } else if (this.take(FIELD) === undefined) {
        this.fail('a field or a condition in brackets');
      }
      return;
    }
    this.operand();
    if (this.take(COMPARISON) !== undefined) this.operand();
  }

  private operand(): void {
    if ((this.take(FIELD) ?? this.take(REGEXP) ?? this.take(TEXT) ?? this.take(NUMBER)) !== undefined) return;
    if (this.accept('[')) this.array();
    else this.fail('a field, a text, a number, an array or a regexp');
  }

  private plugin(section: string): Plugin {
    const line = this.line();
    const name = this.take(NAME) ?? this.fail('a plugin');
    this.expect('{');
    return { section, name, line, options: this.options() };
  }

  private options(): [string, Value][] {
    const options: [string, Value][] = [];
    while (!this.accept('}')) {
      const name = this.take(NAME) ?? this.take(TEXT) ?? this.fail('an option');
      this.expect('=>');
      options.push([name, this.value()]);
    }
    return options;
  }

  private value(): Value {
    if (this.accept('[')) return this.array();
    if (this.accept('{')) return this.hash();
    const text = this.take(TEXT);
    if (text !== undefined) return { type: 'text', text: text.slice(1, -1) };
    const number = this.take(NUMBER);
    if (number !== undefined) return { type: 'number', text: number };
    const line = this.line();
    const word = this.take(WORD) ?? this.fail('a value');
    if (!this.accept('{')) return { type: 'word', text: word };
    return { type: 'plugin', plugin: { section: 'codec', name: word, line, options: this.options() } };
  }

  private array(): Value {
    const items: Value[] = [];
    if (this.accept(']')) return { type: 'array', items };
    do items.push(this.value());
    while (this.accept(','));
    this.expect(']');
    return { type: 'array', items };
  }

  private hash(): Value {
    const entries: [string, Value][] = [];
    while (!this.accept('}')) {
      const key = this.take(TEXT)?.slice(1, -1) ?? this.take(NUMBER) ?? this.take(WORD) ?? this.fail('a key');
      this.expect('=>');
      entries.push([key, this.value()]);
    }
    return { type: 'hash', entries };
  }

  private take(pattern: RegExp): string | undefined {
    this.space();
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    this.at += found?.length ?? 0;
    return found;
  }

  private accept(text: string): boolean {
    this.space();
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.fail(`“${text}”`);
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.text)?.[0].length ?? 0;
  }

  private line(): number {
    this.space();
    return this.text.slice(0, this.at).split('\n').length;
  }

  private fail(wanted: string): never {
    throw new LogstashSyntaxError(`line ${this.line()}: ${wanted} expected`);
  }
}
