import type { z } from 'zod';
import { brokers } from './brokers/index.ts';
import { inputs } from './inputs/index.ts';
import { outputs } from './outputs/index.ts';

/** Settings of one input, by its `type`. */
export type InputConfig = {
  [T in keyof typeof inputs]: z.infer<(typeof inputs)[T]['config']>;
}[keyof typeof inputs];

/** Settings of one output, by its `type`. */
export type OutputConfig = {
  [T in keyof typeof outputs]: z.infer<(typeof outputs)[T]['config']>;
}[keyof typeof outputs];

/** All plug-ins that this program has. */
export const registry = { inputs, outputs, brokers: Object.keys(brokers) };
