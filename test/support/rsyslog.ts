import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { until } from './wait.ts';

/** How to get the real syslog daemon. */
export const RSYSLOG = ['rsyslogd', 'apt-get install rsyslog'] as const;

/** The forms in which it writes files: Debian's old and new defaults, and RFC 5424. */
export const FORMS = {
  traditional: 'RSYSLOG_TraditionalFileFormat',
  iso: 'RSYSLOG_FileFormat',
  rfc5424: 'RSYSLOG_SyslogProtocol23Format',
} as const;

/** A real rsyslog with a socket of its own, which writes what comes there in each of `FORMS`. */
export class Rsyslog {
  readonly socket: string;
  private readonly directory: string;
  private readonly child: ChildProcess;

  private constructor(directory: string, devices: string, child: ChildProcess) {
    this.directory = directory;
    this.socket = path.join(devices, 'log');
    this.child = child;
  }

  static async start(t: TestContext, directory: string): Promise<Rsyslog> {
    const devices = path.join(directory, 'dev');
    mkdirSync(devices);
    const config = path.join(directory, 'rsyslog.conf');
    writeFileSync(
      config,
      [
        'module(load="imuxsock" SysSock.Use="off")',
        `input(type="imuxsock" Socket="${devices}/log")`,
        ...Object.entries(FORMS).map(
          ([name, template]) =>
            `*.* action(type="omfile" file="${directory}/${name}.log" template="${template}")`,
        ),
      ].join('\n'),
    );
    const child = spawn('/usr/sbin/rsyslogd', ['-n', '-f', config, '-i', path.join(directory, 'pid')], {
      stdio: 'ignore',
    });
    const rsyslog = new Rsyslog(directory, devices, child);
    t.after(() => rsyslog.stop());
    await until(
      () => existsSync(rsyslog.socket),
      () => 'rsyslogd does not open its socket',
    );
    return rsyslog;
  }

  file(form: keyof typeof FORMS): string {
    return path.join(this.directory, `${form}.log`);
  }

  text(form: keyof typeof FORMS): string {
    return existsSync(this.file(form)) ? readFileSync(this.file(form), 'utf8') : '';
  }

  /**
   * The command that runs another with this daemon behind `/dev/log`: in a mount namespace of its own, so that nothing else
   * of the machine notices. Needs root.
   */
  behind(command: readonly string[]): [string, string[]] {
    const devices = path.dirname(this.socket);
    for (const [name, minor] of [
      ['null', '3'],
      ['random', '8'],
      ['urandom', '9'],
    ] as const) {
      if (!existsSync(path.join(devices, name)))
        execFileSync('mknod', ['-m', '666', path.join(devices, name), 'c', '1', minor]);
    }
    return ['unshare', ['-m', 'sh', '-c', 'mount --bind "$0" /dev && exec "$@"', devices, ...command]];
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}
