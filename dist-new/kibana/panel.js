export const count = (label, where) => ({
    kind: 'count',
    label,
    ...(where !== undefined && { where }),
});
export const unique = (field, label, where) => ({
    kind: 'unique',
    field,
    label,
    ...(where !== undefined && { where }),
});
export const number = (kind, field, label, where) => ({
    kind,
    field,
    label,
    ...(where !== undefined && { where }),
});
