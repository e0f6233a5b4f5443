import { TABLES } from './formats/index.ts';
import { RULES } from './lines/index.ts';
import { LineIndex } from './matching/line-index.ts';

/** All rules and formats of Mosquitto. */
export const knownLines = new LineIndex(Object.values(RULES).flat(), Object.values(TABLES).flat());
