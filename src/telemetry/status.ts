import type { SpoolStatus } from '../state/spool/status.ts';

/** What `status` shows and `/status` gives: a picture of the running probe. */
export interface Status {
  readonly name: string;
  readonly version: string;
  /** Process id. */
  readonly pid: number;
  readonly started: string;
  readonly ready: boolean;
  /** Why it is not ready, one sentence each. */
  readonly problems: readonly string[];
  /** What came of the last reload; absent: it was right. The probe goes on with the configuration before it, and stays ready. */
  readonly refused?: RefusedConfiguration | undefined;
  /** Addresses that it listens on, `host:port`. */
  readonly listens: readonly string[];
  readonly inputs: readonly InputStatus[];
  readonly outputs: readonly OutputStatus[];
  readonly spool: SpoolStatus;
}

/** A configuration that a reload has not taken. */
export interface RefusedConfiguration {
  readonly at: string;
  /** With the places in the file, one a line. */
  readonly why: string;
}

/** Its counters begin at the start of the probe. */
export interface InputStatus {
  readonly name: string;
  readonly type: string;
  readonly sources: number;
  readonly records: number;
  readonly bytes: number;
  readonly events: number;
  readonly empty: number;
  readonly unparsed: number;
  /** Records of other programs in the same log. */
  readonly foreign: number;
  readonly gaps: number;
  /** Bytes that were not read yet by the output that is furthest behind. */
  readonly lagBytes: number;
  readonly problems: readonly string[];
}

/** What was read of an input since the start. */
export type InputTotals = Pick<
  InputStatus,
  'records' | 'bytes' | 'events' | 'empty' | 'unparsed' | 'foreign' | 'gaps'
>;

/** Since the first start `read = delivered + duplicates + filtered + dead + dropped + pending` at every moment. */
export interface OutputStatus {
  readonly name: string;
  readonly type: string;
  readonly place: string;
  readonly read: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly filtered: number;
  /** Kept as dead letters. */
  readonly dead: number;
  /** Records lost in the spool before this output had them. */
  readonly dropped: number;
  readonly pending: number;
  /** Bytes of the inputs that are not settled, those that were not read yet included. */
  readonly bytesToGo: number;
  /** Records among them that are in the spool; lines of files are not counted before they are read. */
  readonly recordsToGo: number;
  readonly retries: number;
  readonly reconnects: number;
  /** Delivered, but the server has put them into its failure store. */
  readonly failureStore: number;
  /** Dead letters whose id another event had. */
  readonly collisions: number;
  readonly problem: string | undefined;
}
