const INTERVAL = /\bnow\s*\(\s*\)\s*([-+])\s*interval\s*'\s*(\d{1,6})\s*(second|minute|hour|day|week|month|year)s?\s*'/gi;
/** `now() - INTERVAL '1 hour'`, which EMQX Tables has and SQLite has not, in SQLite's words. */
export function withoutIntervals(sql) {
    return sql.replace(INTERVAL, (_, sign, amount, unit) => {
        const isWeeks = unit.toLowerCase() === 'week';
        const count = isWeeks ? Number(amount) * 7 : Number(amount);
        return `strftime('%Y-%m-%d %H:%M:%f', 'now', '${sign}${count} ${isWeeks ? 'day' : unit}')`;
    });
}
