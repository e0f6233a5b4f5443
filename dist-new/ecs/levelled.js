/** Gives kinds another level than their own; each is made once, so that what is compiled for a kind is kept. */
export class LevelledKinds {
    kinds = new Map();
    /** @param level undefined: the kind's own */
    of(kind, level) {
        if (level === undefined || level === kind.level)
            return kind;
        let kinds = this.kinds.get(level);
        if (kinds === undefined) {
            kinds = new Map();
            this.kinds.set(level, kinds);
        }
        let made = kinds.get(kind);
        if (made === undefined) {
            made = { ...kind, level };
            kinds.set(kind, made);
        }
        return made;
    }
}
