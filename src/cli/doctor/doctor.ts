import { hostname } from 'node:os';
import { type Config, findConfigFile } from '../../config/load.ts';
import { duration } from '../../config/units.ts';
import { UsageError } from '../../core/errors.ts';
import { safeJson } from '../../core/text/safe.ts';
import { byImportance, type Materials, type MirrorPlace } from '../../doctor/doctor.ts';
import { type DoctorName, doctors } from '../../doctor/index.ts';
import type { ApiAccess } from '../../emqx-api/access.ts';
import { accessOf } from '../../inputs/emqx-api/config.ts';
import { clientIdOf } from '../../inputs/mqtt/client-id.ts';
import { mqttInputSchema } from '../../inputs/mqtt/config.ts';
import type { InputConfig } from '../../registry.ts';
import { configFor } from '../config.ts';
import { emqxPlace } from '../emqx/access.ts';
import { mirrorIds } from '../mirror-id.ts';
import { useColour } from '../terminal.ts';
import { reportText } from './report-text.ts';

interface DoctorOptions {
  readonly broker: string;
  readonly config?: string;
  readonly conf?: readonly string[];
  readonly log?: readonly string[];
  readonly url?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly observe: string;
  readonly json?: boolean;
  readonly name?: string;
  readonly apiUrl?: string;
  readonly key?: string;
  readonly secretFile?: string;
}

/** `doctor`: what keeps the probe from seeing everything, with the lines to change. Reads only. Exit code 1 when something is wrong. */
export async function doctor(options: DoctorOptions): Promise<void> {
  if (!Object.hasOwn(doctors, options.broker))
    throw new UsageError(`no doctor knows "${options.broker}"; there are ${Object.keys(doctors).join(', ')}`);
  const { doctor } = await doctors[options.broker as DoctorName].load();
  const report = await doctor.examine(await materialsFor(options));
  const findings = byImportance(report.findings);
  const { broker } = options;
  const isWell = findings.every(({ severity }) => severity === 'note');
  process.stdout.write(
    options.json === true
      ? `${safeJson(JSON.stringify({ ok: isWell, ...report, findings }, undefined, 2))}\n`
      : reportText({ ...report, findings }, broker, useColour(process.stdout)),
  );
  if (!isWell) process.exitCode = 1;
}

async function materialsFor(options: DoctorOptions): Promise<Materials> {
  const isGiven = options.url !== undefined || options.apiUrl !== undefined;
  const hasConfig = options.config !== undefined || (!isGiven && findConfigFile(undefined) !== undefined);
  const config = hasConfig ? configFor(options.config) : undefined;
  const inputs = config === undefined ? [] : inputsOf(config, options);
  const observe = duration.safeParse(options.observe);
  if (!observe.success)
    throw new UsageError(`--observe ${options.observe}: write a duration such as 25s, at most 24d`);
  const files = inputs.flatMap(([, input]) => (input.type === 'file' ? [input] : []));
  const mirror =
    options.url === undefined ? config && (await configured(config, inputs)) : given(options.url, options);
  return {
    conf: options.conf ?? [],
    logs: options.log ?? files.flatMap(({ paths }) => paths),
    mirror,
    wantsMirror: mirror !== undefined || config === undefined,
    timezone: files[0]?.timezone,
    api: options.broker === 'emqx' ? apiOf(inputs, options) : undefined,
    observeMs: observe.data,
    progress: (what) => process.stderr.write(`${what} …\n`),
  };
}

/** The REST API that options name, else that of the configuration. */
function apiOf(
  inputs: readonly (readonly [string, InputConfig])[],
  options: DoctorOptions,
): ApiAccess | undefined {
  if (options.apiUrl !== undefined) {
    const { apiUrl, key, secretFile, ca } = options;
    return emqxPlace({
      apiUrl,
      ...(key !== undefined && { key }),
      ...(secretFile !== undefined && { secretFile }),
      ...(ca !== undefined && { ca }),
    }).access;
  }
  for (const [, input] of inputs) if (input.type === 'emqx-api') return accessOf(input);
  return undefined;
}

/** The inputs of one broker. @throws UsageError when there are several brokers and none was chosen */
function inputsOf(config: Config, { broker, name }: DoctorOptions): [string, InputConfig][] {
  const serviceOf = (input: InputConfig): string => input.name ?? config.name ?? broker;
  const inputs = Object.entries(config.inputs).filter(([, input]) => input.broker === broker);
  const names = [...new Set(inputs.map(([, input]) => serviceOf(input)))];
  if (name === undefined ? names.length > 1 : !names.includes(name))
    throw new UsageError(`choose one broker of the configuration: --name ${names.join(' or --name ')}`);
  return inputs.filter(([, input]) => name === undefined || serviceOf(input) === name);
}

/** The mirror of the probe's configuration. */
async function configured(
  config: Config,
  inputs: readonly (readonly [string, InputConfig])[],
): Promise<MirrorPlace | undefined> {
  const idOf = await mirrorIds(config);
  for (const [name, settings] of inputs) {
    if (settings.type === 'mqtt') return { settings, clientId: idOf(name, settings), isConfigured: true };
  }
  return undefined;
}

function given(url: string, { user, passwordFile, ca, broker }: DoctorOptions): MirrorPlace {
  const settings = mqttInputSchema.safeParse({
    type: 'mqtt',
    url,
    topics: broker === 'emqx' ? ['#', '$SYS/#'] : '#',
    ...(user !== undefined && { user }),
    ...(passwordFile !== undefined && { password_file: passwordFile }),
    ...(ca !== undefined && { tls: { ca } }),
  });
  if (!settings.success) throw new UsageError(`--url ${url}: ${settings.error.issues[0]?.message}`);
  return {
    settings: settings.data,
    clientId: clientIdOf(settings.data, hostname(), 'mirror'),
    isConfigured: user !== undefined,
  };
}
