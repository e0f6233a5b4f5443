import { z } from 'zod';
export const DEFAULT_TIMEOUT_MS = 5000;
export const DEFAULT_ATTEMPTS = 3;
/** Address of the API as users write it. */
export const apiUrl = z
    .string()
    .regex(/^https?:\/\/[^/@?#\s]+(\/[^@?#\s]+)?\/api\/$/, 'write http:// or https://, host, port and "/api/", such as "http://emqx:18083/api/"; the key has a setting of its own');
