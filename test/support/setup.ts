import type { SetupCommand } from '../../src/cli/setup/options.ts';
import { setup } from '../../src/cli/setup/setup.ts';
import { reasonOf } from '../../src/core/errors.ts';
import type { TargetName } from '../../src/setup/index.ts';

/** What a run of the command has said, in this process; `error` is what it ended with. */
export interface SetupRun {
  readonly out: string;
  readonly said: readonly string[];
  readonly error: unknown;
  /** Words of the error; empty: it has done its work. */
  readonly problem: string;
}

/** Runs `brokertap setup` as the command line would. */
export async function runSetup(name: TargetName, command: SetupCommand): Promise<SetupRun> {
  const texts: string[] = [];
  const said: string[] = [];
  let error: unknown;
  const terminal = {
    out: (text: string): void => void texts.push(text),
    say: (line: string): void => void said.push(line),
  };
  await setup(name, command, terminal).catch((reason: unknown) => {
    error = reason;
  });
  return { out: texts.join(''), said, error, problem: error === undefined ? '' : reasonOf(error) };
}

/** How many assets became what: `{created: 31}`. */
export function outcomes({ said }: SetupRun): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of said) {
    const word = /^(created|updated|unchanged|removed|absent|same|different|there): /.exec(line)?.[1];
    if (word !== undefined) counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
