import { brokers } from './brokers/index.js';
import { inputs } from './inputs/index.js';
import { outputs } from './outputs/index.js';
/** All plug-ins that this program has. */
export const registry = { inputs, outputs, brokers: Object.keys(brokers) };
