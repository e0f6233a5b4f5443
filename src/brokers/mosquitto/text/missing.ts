/** What `printf` writes for a text that is not there, such as the client id before the CONNECT. A client may choose it as its id. */
export const MISSING = '(null)';
