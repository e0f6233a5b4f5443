/** One of the values. */
export const is = (field, ...values) => ({
    field,
    is: values,
});
export const like = (field, pattern) => ({ field, like: pattern });
export const exists = (field) => ({ field, exists: true });
export const atLeast = (field, limit) => ({ field, atLeast: limit });
export const withinDays = (field, days) => ({ field, withinDays: days });
/** Also true where the field is absent. */
export const not = (condition) => ({ not: condition });
export const and = (...all) => ({ and: all });
export const or = (...any) => ({ or: any });
/** Every field that a query names. */
export function fieldsOf(query) {
    if ('and' in query)
        return query.and.flatMap(fieldsOf);
    if ('or' in query)
        return query.or.flatMap(fieldsOf);
    return ['not' in query ? query.not.field : query.field];
}
/** Events of these actions. */
export const action = (...actions) => ({
    field: 'event.action',
    is: actions,
});
