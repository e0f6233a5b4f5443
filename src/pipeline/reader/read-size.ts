/** Bytes of a source that are read at once. */
export const READ_BYTES: number = 64 * 1024;
