import { TABLES } from './formats/index.ts';
import { RULES } from './lines/index.ts';
import { Dispatch } from './matching/dispatch.ts';

/** All rules and formats of Mosquitto. */
export const dispatch = new Dispatch(Object.values(RULES).flat(), Object.values(TABLES).flat());
