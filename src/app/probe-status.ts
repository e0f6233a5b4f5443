import type { Config } from '../config/load.ts';
import { placeOf } from '../net/host.ts';
import type { Lane } from '../pipeline/lane/lane.ts';
import type { OutputStatus, Status } from '../telemetry/status.ts';
import { VERSION } from '../version.ts';
import type { InputPlace } from './input-place.ts';
import type { Surroundings } from './surroundings.ts';

/** What is said of a probe whose parts are not there yet. */
export function startingStatus(config: Config): Status {
  return {
    name: config.name ?? 'brokertap',
    version: VERSION,
    pid: process.pid,
    started: new Date().toISOString(),
    ready: false,
    problems: ['the probe is starting'],
    listens: addressesOf(config),
    inputs: [],
    outputs: [],
    spool: { bytes: 0, sizeBytes: config.spool.size, streams: [], abandoned: [] },
  };
}

/** What is said of a running probe: it is ready when no part of it has a problem. */
export function runningStatus(around: Surroundings, places: readonly InputPlace[], started: Date): Status {
  const inputs = places.map((input) => input.status());
  const uncopied = places.reduce((sum, input) => sum + input.uncopied, 0);
  const outputs = around.lanes.map((lane) => outputStatus(lane, uncopied));
  const spool = around.spool.status();
  const problems = [
    ...inputs.flatMap(({ problems }) => problems),
    ...outputs.flatMap(({ problem }) => problem ?? []),
    ...(around.store.problem === undefined ? [] : [around.store.problem]),
    ...spool.streams.flatMap(({ problem }) => problem ?? []),
  ];
  const ready = problems.length === 0;
  return {
    ...startingStatus(around.config),
    started: started.toISOString(),
    ready,
    problems,
    inputs,
    outputs,
    spool,
  };
}

function addressesOf({ telemetry, inputs }: Config): string[] {
  const own = telemetry.listen === 'off' ? [] : [telemetry.listen];
  return [
    ...own,
    ...Object.values(inputs).flatMap((input) => ('listen' in input ? placeOf(input.listen) : [])),
  ];
}

/** @param uncopied bytes that go into the spool before any output can have them */
function outputStatus(lane: Lane, uncopied: number): OutputStatus {
  const { problem, stats } = lane.delivery;
  const { bytesToGo, recordsToGo } = lane.toGo();
  return {
    name: lane.name,
    type: lane.type,
    place: lane.output.describe(),
    ...lane.balance(),
    bytesToGo: bytesToGo + uncopied,
    recordsToGo,
    ...stats,
    problem: problem === undefined ? undefined : `output ${lane.name}: ${problem}`,
  };
}
