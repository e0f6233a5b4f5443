/** The first levels of a topic: few values, for charts and anomaly jobs. */
export function topicRoot(topic: string, levels: number): string {
  let at = -1;
  for (let i = 0; i < levels; i++) {
    at = topic.indexOf('/', at + 1);
    if (at === -1) return topic;
  }
  return topic.slice(0, at);
}

/** Number of levels of a topic; an empty level counts (MQTT 5 §4.7.1.1). */
export function topicDepth(topic: string): number {
  let depth = 1;
  for (let at = topic.indexOf('/'); at !== -1; at = topic.indexOf('/', at + 1)) depth++;
  return depth;
}

/** Splits `$share/GROUP/FILTER` (MQTT 5 §4.8.2); `group` is undefined for any other filter. */
export function parseShare(filter: string): { group: string | undefined; filter: string } {
  if (!filter.startsWith('$share/')) return { group: undefined, filter };
  const end = filter.indexOf('/', 7);
  if (end === -1) return { group: undefined, filter };
  return { group: filter.slice(7, end), filter: filter.slice(end + 1) };
}

/**
 * True when a topic filter matches a topic name: `+` one level, `#` the rest and the level above it; a filter that begins
 * with a wildcard does not match a topic that begins with `$` (MQTT 5 §4.7.1 and §4.7.2). `$share/GROUP/` is passed over.
 */
export function matchesFilter(filter: string, topic: string): boolean {
  const pattern = parseShare(filter).filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && (pattern[0] === '+' || pattern[0] === '#')) return false;
  for (const [i, part] of pattern.entries()) {
    if (part === '#') return true;
    if (i >= levels.length) return false;
    if (part !== '+' && part !== levels[i]) return false;
  }
  return pattern.length === levels.length;
}

/** True when every topic that one filter matches is matched by another one too. */
export function covers(filter: string, other: string): boolean {
  const wide = parseShare(filter).filter.split('/');
  const narrow = parseShare(other).filter.split('/');
  if (!overlaps(filter, other)) return false;
  for (const [i, part] of wide.entries()) {
    if (part === '#') return true;
    if (narrow[i] === undefined || narrow[i] === '#') return false;
    if (part !== '+' && part !== narrow[i]) return false;
  }
  return wide.length === narrow.length;
}

/** Why a text is no topic filter (MQTT 5 §4.7.1); undefined when it is one. */
export function filterProblem(filter: string): string | undefined {
  const parts = parseShare(filter).filter.split('/');
  if (filter === '' || parts.join('/') === '') return 'a topic filter has at least one character';
  if (filter.includes('\0')) return 'a topic filter holds no NUL';
  for (const [i, part] of parts.entries()) {
    if (part === '#' && i < parts.length - 1) return '# stands only at the end of a topic filter';
    if (part.length > 1 && /[+#]/.test(part))
      return `a wildcard fills a whole level; write "+" or "#" instead of "${part}"`;
  }
  return undefined;
}

/** True when some topic is matched by both filters: both would deliver it. */
export function overlaps(a: string, b: string): boolean {
  const left = parseShare(a).filter.split('/');
  const right = parseShare(b).filter.split('/');
  const wild = (part: string | undefined): boolean => part === '+' || part === '#';
  const dollar = (part: string | undefined): boolean => part?.startsWith('$') === true;
  if ((wild(left[0]) && dollar(right[0])) || (wild(right[0]) && dollar(left[0]))) return false;
  for (let i = 0; ; i++) {
    const l = left[i];
    const r = right[i];
    if (l === '#' || r === '#') return true;
    if (l === undefined || r === undefined) {
      return l === r;
    }
    if (l !== r && l !== '+' && r !== '+') return false;
  }
}
