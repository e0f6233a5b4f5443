import { z } from 'zod';
import { filterShape } from '../../config/filters.ts';

export const stdoutOutputSchema = z.strictObject({ type: z.literal('stdout'), ...filterShape });
