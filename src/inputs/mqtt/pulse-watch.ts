import type { Pulse } from '../../core/dialect.ts';

/** So many intervals without a sign of life are a silence. */
const SILENT_INTERVALS = 3;
/** Messages that are nearer to each other belong to the same interval. */
const MIN_INTERVAL_MS = 500;
/** No silence is told sooner. */
const MIN_SILENCE_MS = 5000;
/** Nodes that are watched at the same time. */
const MAX_NODES = 64;
/** How often it is looked for silent nodes. */
const LOOK_MS = 1000;

/** What became of a node: told once, until it is heard again. @param node '' where there are no nodes */
type PulseNews = (reason: 'sys_silent' | 'node_gone', node: string, silentMs: number) => void;

interface Watched {
  /** When it was last heard, in milliseconds. */
  heardAt: number;
  /** Its last two pauses; 0: not known yet. */
  pauses: readonly [number, number];
  isSilent: boolean;
}

/**
 * Watches the signs of life of a broker's nodes in what the mirror receives: tells when one is silent for three intervals,
 * or is no longer in the list of the cluster. The interval is the longer one of the last two pauses.
 */
export class PulseWatch {
  private readonly pulse: Pulse;
  private readonly tell: PulseNews;
  private readonly now: () => number;
  private readonly nodes = new Map<string, Watched>();
  private listed: readonly string[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds since any time; not those of the clock, which may be set */
  constructor(pulse: Pulse, tell: PulseNews, now: () => number = () => performance.now()) {
    this.pulse = pulse;
    this.tell = tell;
    this.now = now;
  }

  /** The broker is connected: from now on its silence means something. */
  start(): void {
    const now = this.now();
    for (const watched of this.nodes.values()) watched.heardAt = now;
    this.timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** The connection is gone, which is told elsewhere. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Takes a message as it was received. */
  message(topic: string, payload: Buffer): void {
    if (!topic.startsWith('$')) return;
    const listed = this.pulse.nodesIn?.(topic, payload);
    if (listed !== undefined) {
      this.list(listed);
      return;
    }
    const node = this.pulse.nodeOf(topic);
    if (node !== undefined) this.hear(node);
  }

  /** Looks for nodes that are silent. To be called now and then. */
  look(): void {
    const now = this.now();
    for (const [node, watched] of this.nodes) {
      const silentMs = now - watched.heardAt;
      const intervalMs = Math.max(...watched.pauses);
      if (intervalMs === 0 || watched.isSilent) continue;
      if (silentMs < Math.max(MIN_SILENCE_MS, SILENT_INTERVALS * intervalMs)) continue;
      watched.isSilent = true;
      this.tell('sys_silent', node, silentMs);
    }
  }

  private hear(node: string): void {
    const now = this.now();
    const watched = this.nodes.get(node);
    if (watched === undefined) {
      if (this.nodes.size < MAX_NODES)
        this.nodes.set(node, { heardAt: now, pauses: [0, 0], isSilent: false });
      return;
    }
    const pause = now - watched.heardAt;
    watched.heardAt = now;
    if (watched.isSilent) watched.isSilent = false;
    else if (pause >= MIN_INTERVAL_MS) watched.pauses = [watched.pauses[1], pause];
  }

  private list(nodes: readonly string[]): void {
    for (const node of this.listed) {
      if (nodes.includes(node)) continue;
      const watched = this.nodes.get(node);
      this.nodes.delete(node);
      this.tell('node_gone', node, watched === undefined ? 0 : this.now() - watched.heardAt);
    }
    this.listed = nodes;
  }
}
