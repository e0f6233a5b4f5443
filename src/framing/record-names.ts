const THREE_HEX = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));

/** Names records by where they come from, 24 hex digits, and 12 hex digits of a number that no other from there has. */
export class RecordNames {
  private readonly from: string;
  private upper = -1;
  private name = '';

  /** @param from of a log file the id of its source, else of the run of the probe that has admitted the record */
  constructor(from: string) {
    this.from = from;
  }

  /**
   * The upper digits are kept from call to call: neighbours share them.
   * @param number of a log file the byte offset, below 2^48
   */
  at(number: number): string {
    const upper = Math.floor(number / 4096);
    if (upper !== this.upper) {
      this.upper = upper;
      this.name = this.from + upper.toString(16).padStart(9, '0');
    }
    return this.name + THREE_HEX[number % 4096];
  }
}
