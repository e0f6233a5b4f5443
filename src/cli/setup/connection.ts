import { UsageError } from '../../core/errors.ts';
import { type TargetName, targets } from '../../setup/index.ts';
import type { Connection } from '../../setup/target.ts';
import { configFor } from '../config.ts';
import type { SetupCommand } from './options.ts';

/** Where the server is: `--url`, else the configuration's elasticsearch output. @throws UsageError, ConfigError */
export function connectionOf(name: TargetName, command: SetupCommand): Connection {
  const { apiKeyFile, user, passwordFile, ca } = command;
  if (apiKeyFile !== undefined && user !== undefined)
    throw new UsageError('write either --api-key-file or --user and --password-file');
  if ((user === undefined) !== (passwordFile === undefined))
    throw new UsageError('--user and --password-file go together: write both');
  const given = { apiKeyFile, user, passwordFile };
  if (command.url !== undefined) {
    return { urls: command.url.map(checkedUrl), cloudId: undefined, ...given, tls: { ca }, proxy: undefined };
  }
  if (targets[name].address === 'url') throw new UsageError(`write --url with the address of ${name}`);
  const output = outputOf(command);
  const own = { apiKeyFile: output.api_key_file, user: output.user, passwordFile: output.password_file };
  return {
    urls: output.nodes ?? [],
    cloudId: output.cloud_id,
    ...(apiKeyFile === undefined && user === undefined ? own : given),
    tls: { ...output.tls, ...(ca !== undefined && { ca }) },
    proxy: output.proxy,
  };
}

function outputOf(command: SetupCommand) {
  const { outputs } = configFor(
    command.config,
    'which server? write --url https://host:9200, or -c with a configuration that has an elasticsearch output',
  );
  const found = Object.entries(outputs).flatMap(([name, output]) =>
    output.type === 'elasticsearch' ? [{ name, output }] : [],
  );
  const fitting = found.filter(({ name }) => command.output === undefined || name === command.output);
  const [first, ...more] = fitting;
  if (first === undefined || more.length > 0) {
    const names = found.map(({ name }) => name).join(', ');
    throw new UsageError(
      names === ''
        ? 'the configuration has no elasticsearch output: write --url https://host:9200'
        : `which output? write --output with one of ${names}`,
    );
  }
  return first.output;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError(
      '--url: write https://host:9200, without a user; --user and --password-file name the account',
    );
  return text;
}
