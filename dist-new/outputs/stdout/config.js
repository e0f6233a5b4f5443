import { z } from 'zod';
import { filterShape } from '../../config/schema.js';
export const stdoutOutputSchema = z.strictObject({ type: z.literal('stdout'), ...filterShape });
