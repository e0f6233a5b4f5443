import type { ApiAccess } from '../emqx-api/access.ts';
import type { MqttInputConfig } from '../inputs/mqtt/config.ts';

/**
 * `error`: something is missing now; `warning`: something will be missing, or be in doubt, when things go wrong; `note`:
 * worth knowing, nothing to change.
 */
export type Severity = 'error' | 'warning' | 'note';

/** Lines to take out of and to write into one file. */
export interface Change {
  readonly file: string;
  /** Lines that are there now; they count from 1. */
  readonly remove: readonly { readonly line: number; readonly text: string }[];
  /** Line behind which to write; undefined: anywhere, the last of the removed ones is a good place. */
  readonly after?: number;
  readonly add: readonly string[];
}

/** One thing that keeps the probe from seeing everything. */
export interface Finding {
  /** Names the check: `log-types`, `queue-limit`, … */
  readonly check: string;
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly title: string;
  /** What is lost because of it; for a note, what to know. */
  readonly lost: string;
  readonly changes: readonly Change[];
}

/** The broker as the probe reaches it. */
export interface MirrorPlace {
  readonly settings: MqttInputConfig;
  readonly clientId: string;
  /** It comes from the probe's configuration, with all that the probe would use. */
  readonly isConfigured: boolean;
}

/** What a doctor is given to look at; all of it is only read. */
export interface Materials {
  /** Configuration files of the broker, the main one first. */
  readonly conf: readonly string[];
  /** Paths and patterns of its log files. */
  readonly logs: readonly string[];
  readonly mirror: MirrorPlace | undefined;
  /** The broker's REST API. */
  readonly api?: ApiAccess | undefined;
  /** False when the probe is configured without one: what only a mirror suffers from is left out. */
  readonly wantsMirror: boolean;
  /** IANA zone that the probe is told for stamps without one. */
  readonly timezone: string | undefined;
  /** How long to watch the broker, in milliseconds. */
  readonly observeMs: number;
  /** Told what takes long. */
  readonly progress: (what: string) => void;
}

/** How many of the publishes a mirror with the probe's rights has seen. */
export interface Share {
  /** Publishes that reached the broker, by its own counter. */
  readonly published: number;
  readonly seen: number;
  readonly seconds: number;
}

export interface Report {
  /** What was looked at, one line each. */
  readonly looked: readonly string[];
  readonly findings: readonly Finding[];
  readonly version?: string | undefined;
  readonly share?: Share | undefined;
}

/** Knows one kind of broker. */
export interface Doctor {
  /** @throws UsageError when what was given cannot be read at all */
  examine(materials: Materials): Promise<Report>;
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Most important first; what weighs the same stays in the order of the checks. */
export function byImportance(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}
