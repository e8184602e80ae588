/**
 * Others that watch access logs, as Debian packages them, with nothing but their offline parts: fail2ban's server with an
 * action that only writes down whom it would ban, CrowdSec over a file once, its local API on loopback, nothing asked of
 * anybody. All in a folder of their own; neither touches a firewall.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { command, type Ran } from '../backups/command.ts';
import type { Missing } from '../row.ts';

/** Whom it named, and how much of a processor that took, all its threads together. */
export type Watched = Readonly<{ named: ReadonlySet<string>; cpuSeconds: number }>;
export type LogWatcher = Readonly<{
  name: string;
  /** Of one round; how often it is asked. */
  rounds: number;
  /** @param last   address that is the last to be named */
  watch: (log: string, last: string) => Promise<Watched>;
}>;

const FAIL2BAN = '/etc/fail2ban/filter.d';
/** Those of the package that read access logs; the first finds most by itself. */
const FILTERS = ['nginx-botsearch', 'nginx-bad-request', 'apache-badbots', 'php-url-fopen'] as const;
const HUB = '/usr/share/crowdsec/hub';
const SCENARIOS = [
  'http-crawl-non_statics', 'http-probing', 'http-bad-user-agent', 'http-path-traversal-probing', 'http-sensitive-files', 'http-sqli-probing',
  'http-xss-probing', 'http-backdoors-attempts', 'http-generic-bf', 'http-open-proxy', 'apache_log4j2_cve-2021-44228',
] as const; // prettier-ignore

/** @param missing gets those that are not installed */
export async function logWatchers(folder: string, rounds: number, missing: Missing[]): Promise<LogWatcher[]> {
  const found: LogWatcher[] = [];
  if (existsSync(`${FAIL2BAN}/nginx-botsearch.conf`) && existsSync('/usr/bin/fail2ban-server'))
    for (const filters of [FILTERS.slice(0, 1), FILTERS])
      found.push(await fail2ban(join(folder, `fail2ban-${filters.length}`), filters, rounds));
  else missing.push({ peer: 'fail2ban', why: 'not installed: apt-get install fail2ban' });
  if (existsSync(HUB) && existsSync('/usr/bin/crowdsec')) found.push(await crowdsec(join(folder, 'crowdsec')));
  else missing.push({ peer: 'CrowdSec', why: 'not installed: apt-get install crowdsec' });
  return found;
}

/** Processor time of all that the program was, by its shell. */
async function measured(
  program: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): Promise<Ran & { cpuSeconds: number }> {
  const ran = await command(
    '/bin/sh',
    ['-c', '"$@"; code=$?; times; exit $code', 'sh', program, ...args],
    onLine === undefined ? {} : { onLine },
  );
  const [user = '', system = ''] = (ran.stdout.trimEnd().split('\n').at(-1) ?? '').split(' ');
  return { ...ran, cpuSeconds: secondsOf(user) + secondsOf(system) };
}

function secondsOf(text: string): number {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

async function fail2ban(folder: string, filters: readonly string[], rounds: number): Promise<LogWatcher> {
  const conf = join(folder, 'conf');
  const [banned, socket, log] = [join(folder, 'banned'), join(folder, 'socket'), join(folder, 'watched.log')];
  await mkdir(join(conf, 'action.d'), { recursive: true });
  await symlink(FAIL2BAN, join(conf, 'filter.d'));
  await writeFile(join(conf, 'action.d/record.conf'), `[Definition]\nactionban = echo <ip> >> ${banned}\nactionunban =\n`);
  await writeFile(
    join(conf, 'fail2ban.conf'),
    `[Definition]\nloglevel = ERROR\nlogtarget = ${join(folder, 'log')}\nsyslogsocket = auto\nsocket = ${socket}\npidfile = ${join(folder, 'pid')}\ndbfile = None\ndbpurgeage = 1d\ndbmaxmatches = 10\n[Thread]\nstacksize = 0\n`,
  );
  await writeFile(
    join(conf, 'jail.conf'),
    `[DEFAULT]\nbackend = polling\nusedns = no\nbantime = 1d\nfindtime = 1d\nmaxretry = 3\n${filters.map((filter) => `[${filter}]\nenabled = true\nfilter = ${filter}\nlogpath = ${log}\naction = record\n`).join('')}`,
  );
  const once = async (text: string, last: string): Promise<Watched> => {
    await writeFile(log, text);
    await writeFile(banned, '');
    const running = measured('fail2ban-server', ['-c', conf, '-s', socket, '-p', join(folder, 'pid'), '-x', '-f', 'start']);
    const all = async (): Promise<Set<string>> => new Set((await readFile(banned, 'utf8')).split('\n').filter(Boolean));
    for (let tries = 0; !(await all()).has(last); tries += 1) {
      if (tries > 6000) throw new Error(`fail2ban does not come to the end: ${await readFile(join(folder, 'log'), 'utf8').catch(() => '')}`);
      await sleep(100);
    }
    await atRest(Number((await readFile(join(folder, 'pid'), 'utf8')).trim()));
    await command('fail2ban-client', ['-c', conf, '-s', socket, 'stop']);
    return { named: await all(), cpuSeconds: (await running).cpuSeconds };
  };
  return {
    name: `fail2ban, ${filters.length === 1 ? `filter ${filters[0]}` : `${filters.length} filters`}`,
    rounds,
    watch: async (path, last) => {
      const text = await readFile(path, 'utf8');
      const few = await once(endOf(text, last), last);
      const whole = await once(text, last);
      return { ...whole, cpuSeconds: whole.cpuSeconds - few.cpuSeconds };
    },
  };
} // prettier-ignore

/** Other filters may not be at the end yet: until it takes next to nothing of a processor. */
async function atRest(pid: number): Promise<void> {
  const ticks = async (): Promise<number> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  for (let before = -Infinity, now = await ticks(); now - before > 5; before = now, now = await ticks())
    await sleep(2000);
}

async function crowdsec(folder: string): Promise<LogWatcher> {
  const [etc, data, log] = [join(folder, 'etc'), join(folder, 'data'), join(folder, 'watched.log')];
  for (const stage of ['s00-raw', 's01-parse', 's02-enrich']) await mkdir(join(etc, 'parsers', stage), { recursive: true });
  for (const each of ['scenarios', 'notifications']) await mkdir(join(etc, each));
  for (const parser of ['s00-raw/syslog-logs', 's01-parse/nginx-logs', 's02-enrich/dateparse-enrich', 's02-enrich/http-logs']) {
    const [stage = '', name = ''] = parser.split('/');
    await cp(join(HUB, 'parsers', stage, 'crowdsecurity', `${name}.yaml`), join(etc, 'parsers', stage, `${name}.yaml`));
  }
  for (const name of SCENARIOS) await cp(join(HUB, 'scenarios/crowdsecurity', `${name}.yaml`), join(etc, 'scenarios', `${name}.yaml`));
  await cp('/usr/share/crowdsec/data', data, { recursive: true });
  // the package names it otherwise than the scenario that reads it
  await cp(join(data, 'path_traversal.txt'), join(data, 'http_path_traversal.txt'));
  await cp('/etc/crowdsec/patterns', join(etc, 'patterns'), { recursive: true });
  for (const name of ['simulation.yaml', 'profiles.yaml']) await cp(join('/etc/crowdsec', name), join(etc, name));
  const port = await freePort();
  const [config, credentials] = [join(folder, 'config.yaml'), join(etc, 'credentials.yaml')];
  await writeFile(
    config,
    `common: {daemonize: false, log_media: stdout, log_level: info, working_dir: ${folder}}
config_paths: {config_dir: ${etc}, data_dir: ${data}, simulation_path: ${etc}/simulation.yaml, hub_dir: ${HUB}, index_path: ${HUB}/.index.json, notification_dir: ${etc}/notifications, plugin_dir: ${etc}/plugins}
crowdsec_service: {parser_routines: 1}
cscli: {output: json}
db_config: {log_level: error, type: sqlite, db_path: ${data}/crowdsec.db, use_wal: true}
plugin_config: {user: nobody, group: nogroup}
api: {client: {credentials_path: ${credentials}}, server: {log_level: error, listen_uri: "127.0.0.1:${port}", profiles_path: ${etc}/profiles.yaml}}
prometheus: {enabled: false}
`,
  );
  await writeFile(credentials, '');
  await command('cscli', ['-c', config, 'machines', 'add', 'bench', '--password', 'bench', '-f', credentials, '-u', `http://127.0.0.1:${port}`]);
  const once = async (text: string): Promise<Watched> => {
    await writeFile(log, text);
    const named = new Set<string>();
    const hear = (line: string): void => {
      const [, address] = /Ip ([\d.]+) performed '/.exec(line) ?? [];
      if (address !== undefined) named.add(address);
    };
    const { cpuSeconds, stdout } = await measured('crowdsec', ['-c', config, '-dsn', `file://${log}`, '-type', 'nginx', '-no-capi', '-info'], hear);
    for (const line of stdout.split('\n')) hear(line);
    return { cpuSeconds, named };
  };
  return {
    name: `CrowdSec over a file, ${SCENARIOS.length} scenarios`,
    rounds: 1,
    watch: async (path, last) => {
      const text = await readFile(path, 'utf8');
      const few = await once(endOf(text, last));
      const whole = await once(text);
      return { ...whole, cpuSeconds: whole.cpuSeconds - few.cpuSeconds };
    },
  };
} // prettier-ignore

/** Lines of the last one alone: what a start costs by itself. */
const endOf = (text: string, last: string): string =>
  `${text.split('\n').filter((line) => line.startsWith(`${last} `)).join('\n')}\n`; // prettier-ignore

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
