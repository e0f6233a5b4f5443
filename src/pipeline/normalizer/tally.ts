/** What became of records. */
export interface Tally {
  records: number;
  empty: number;
  events: number;
  filtered: number;
  unparsed: number;
  /** Records of other programs. */
  foreign: number;
  gaps: number;
  /** Records that could not be read. */
  dropped: number;
}

export function noTally(): Tally {
  return { records: 0, empty: 0, events: 0, filtered: 0, unparsed: 0, foreign: 0, gaps: 0, dropped: 0 };
}
