/** Counts events by action and reason, for `parse --summary`. */
export class Summary {
  private readonly counts = new Map<string, number>();
  private events = 0;

  /** @param batch events as JSON lines */
  add(batch: Buffer): void {
    for (const line of batch.toString().split('\n')) {
      if (line === '') continue;
      const { event }: { event: { action: string; reason?: string; code: string } } = JSON.parse(line);
      const detail = event.reason ?? (event.action === 'broker-log' ? event.code : '');
      const key = `${event.action}\t${detail}`;
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
      this.events++;
    }
  }

  /** A table: count, action, reason; most frequent first. */
  text(): string {
    const rows = [...this.counts].sort((a, b) => b[1] - a[1]);
    const lines = rows.map(([key, count]) => {
      const [action = '', detail = ''] = key.split('\t');
      return `${String(count).padStart(10)}  ${action.padEnd(28)}  ${detail}`.trimEnd();
    });
    return `${['     count  action                        reason', ...lines, `${String(this.events).padStart(10)}  events`].join('\n')}\n`;
  }
}
