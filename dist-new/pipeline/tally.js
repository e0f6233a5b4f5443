export function noTally() {
    return { records: 0, empty: 0, events: 0, filtered: 0, unparsed: 0, foreign: 0, gaps: 0, dropped: 0 };
}
