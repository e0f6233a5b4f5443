import type { Action, EventKind, Outcome } from '../../../core/event.ts';

/** Kinds for lines that mean another action after certain lines; each is made once. */
export class OtherAction {
  private readonly made = new Map<EventKind, EventKind>();
  private readonly action: Action;
  private readonly outcome: Outcome | undefined;

  /** @param outcome undefined: that of the line's kind */
  constructor(action: Action, outcome?: Outcome) {
    this.action = action;
    this.outcome = outcome;
  }

  of(kind: EventKind): EventKind {
    let other = this.made.get(kind);
    if (other === undefined) {
      other = { ...kind, action: this.action, ...(this.outcome && { outcome: this.outcome }) };
      this.made.set(kind, other);
    }
    return other;
  }
}
