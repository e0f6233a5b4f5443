const RANK = { error: 0, warning: 1, note: 2 };
/** Most important first; what weighs the same stays in the order of the checks. */
export function byImportance(findings) {
    return findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}
