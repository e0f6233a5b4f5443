/** What of an event counts here. */
export interface Arrived {
  readonly event: { readonly id: string; readonly action: string; readonly reason?: string };
  readonly mqtt?: { readonly topic?: unknown };
  readonly message?: unknown;
}

const TOPIC = /^plant\/(?:out\/)?(\d+)$/;

/** Topic of a number: some of them are filtered. */
export function topicOf(n: number): string {
  return isFiltered(n) ? `plant/out/${n}` : `plant/${n}`;
}

/** Events of it are left out by the probe. */
export function isFiltered(n: number): boolean {
  return n % 10 === 7;
}

/** The number of an event; undefined when it is another one. */
export function numberIn(event: Arrived): number | undefined {
  const digits = TOPIC.exec(String(event.mqtt?.topic))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What the probe says of itself is no part of any input. */
function isOwn(event: Arrived): boolean {
  return event.event.action.startsWith('probe-') || event.event.action === 'event-rejected';
}

/** The events of the input that have arrived, each once however often it came. */
export class Arrivals {
  /** Copies beyond the first. */
  again = 0;
  private readonly ids = new Set<string>();
  private readonly events = new Map<number, number>();
  /** Different events without a number. */
  readonly others: string[] = [];

  take(event: Arrived): void {
    if (isOwn(event)) return;
    if (this.ids.has(event.event.id)) {
      this.again++;
      return;
    }
    this.ids.add(event.event.id);
    const n = numberIn(event);
    if (n === undefined) this.others.push(`${event.event.action}: ${String(event.message)}`);
    else this.events.set(n, this.count(n) + 1);
  }

  /** Different events. */
  get size(): number {
    return this.ids.size;
  }

  /** Different numbers. */
  get numbers(): number {
    return this.events.size;
  }

  /** Different events of a number. */
  count(n: number): number {
    return this.events.get(n) ?? 0;
  }

  /** What nobody has written. @param expected events without a number that the way in brings */
  strangers(written: number, expected: RegExp | undefined): string[] {
    const numbers = [...this.events.keys()].filter((n) => n >= written || isFiltered(n));
    return [
      ...numbers.map((n) => `number ${n}`),
      ...this.others.filter((text) => expected?.test(text) !== true),
    ];
  }
}
