/**
 * Scanners of other people, as Debian ships them: how each is asked, and how it is told whether it reached what it was asked
 * about. They are run against this very system, on this machine; none is told another address.
 *
 * INVARIANT: one that did not reach its target has found nothing, and says nothing: `reached` looks for what only an answer of
 * the target can have made. Old ones of wapiti say nothing of answers: for these it holds only what is held for all, that the
 * system answers before and after (scans.ts).
 */
import { join } from 'node:path';

import type { FormatName } from '../importers/index.ts';
import type { TestKind } from '../types.ts';

export type Target = Readonly<{
  /** Of this server, over loopback, without a path. */
  url: string;
  host: string;
  port: string;
  isTls: boolean;
  /** Answered with 200 to anybody. */
  known: string;
}>;
export type Scanner = Readonly<{
  name: string;
  /** What it does, in a line. */
  says: string;
  /** An attack runs where attacks are armed. */
  kind: Extract<TestKind, 'probe' | 'attack'>;
  /** It looks at TLS, and has nothing to look at where there is none. */
  needsTls: boolean;
  /** Longer than this it is ended, and says nothing. */
  minutes: number;
  format: FormatName;
  /** Where its report is: what it prints, or a file `report` of its folder. */
  reads: 'output' | 'report';
  /** @param folder of its own, empty but for what `brings` says; its working directory and its home */
  ask: (target: Target, folder: string) => readonly string[];
  /** Files that it is given. */
  brings?: (target: Target) => Readonly<Record<string, string>>;
  isWell: (code: number) => boolean;
  /** @param said its report, as text */
  reached: (said: string, target: Target) => boolean;
}>;

const bracketed = ({ host, port }: Target): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
const zero = (code: number): boolean => code === 0;

export const SCANNERS: readonly Scanner[] = [
  {
    name: 'nmap', says: 'ports, and known weaknesses of TLS', kind: 'probe', needsTls: false, minutes: 10, format: 'nmap', reads: 'output',
    ask: ({ host, port }) => ['-oX', '-', '-Pn', '-n', '-sT', ...(host.includes(':') ? ['-6'] : []), '-p', port, '--script', 'ssl-heartbleed,ssl-poodle,ssl-ccs-injection,ssl-dh-params,tls-ticketbleed', '--host-timeout', '8m', host],
    isWell: zero,
    reached: (said, { port }) => new RegExp(`<port protocol="tcp" portid="${port}"><state state="open"`).test(said),
  },
  {
    name: 'sslscan', says: 'protocols, ciphers and certificate', kind: 'probe', needsTls: true, minutes: 10, format: 'sslscan', reads: 'output',
    ask: (target) => ['--xml=-', '--no-colour', bracketed(target)],
    isWell: zero,
    reached: (said) => said.includes('<ssltest') && !said.includes('<error>'),
  },
  {
    name: 'testssl', says: 'everything about TLS', kind: 'probe', needsTls: true, minutes: 20, format: 'testssl', reads: 'report',
    ask: (target, folder) => ['--quiet', '--color', '0', '--warnings', 'off', '--ip', 'one', '--jsonfile', join(folder, 'report'), bracketed(target)],
    // how many things were not clear; from 242 on it could not work
    isWell: (code) => code < 242,
    reached: (said) => !said.includes('"FATAL"') && said.includes('"severity"'),
  },
  {
    name: 'lynis', says: 'this machine and its settings', kind: 'probe', needsTls: false, minutes: 20, format: 'lynis', reads: 'report',
    ask: (_target, folder) => ['audit', 'system', '--quick', '--quiet', '--no-colors', '--no-log', '--report-file', join(folder, 'report'), '--logfile', '/dev/null'],
    isWell: (code) => code === 0 || code === 78,
    reached: (said) => /^report_datetime_end=/m.test(said),
  },
  {
    name: 'wapiti', says: 'pages, as somebody who attacks them', kind: 'attack', needsTls: false, minutes: 20, format: 'wapiti', reads: 'report',
    // no other port of this machine; those that ask other hosts, or ask for thousands of names, are left out
    ask: ({ url, known }, folder) => ['-u', `${url}/`, '-s', `${url}/center/`, '-s', `${url}${known}`, '--scope', 'folder', '-m', 'backup,blindsql,crlf,csp,exec,file,http_headers,permanentxss,redirect,sql,xss,xxe', '--level', '1', '-d', '3', '--max-scan-time', '900', '--verify-ssl', '0', '--flush-session', '--store-session', folder, '-v', '0', '-f', 'json', '-o', join(folder, 'report')],
    isWell: zero,
    reached: (said, { host }) => said.includes('"infos"') && said.includes(host) && !/"crawled_pages_nbr":\s*0\b/.test(said),
  },
  {
    name: 'ffuf', says: 'what is there and linked from nowhere', kind: 'attack', needsTls: false, minutes: 10, format: 'ffuf', reads: 'report',
    ask: ({ url }, folder) => ['-u', `${url}/FUZZ`, '-w', join(folder, 'words'), '-k', '-t', '4', '-p', '0.05', '-maxtime', '300', '-mc', '200,500,501,502,503', '-s', '-of', 'json', '-o', join(folder, 'report')],
    brings: ({ known }) => ({ words: `${[known.slice(1), ...WORDS].join('\n')}\n` }),
    isWell: zero,
    // a word of the list is one that answers
    reached: (said, { url, known }) => said.includes(`${url}${known}`) || said.includes(known.slice(1)),
  },
  {
    name: 'sqlmap', says: 'whether anything of a request is run by the database', kind: 'attack', needsTls: false, minutes: 15, format: 'sqlmap', reads: 'output',
    ask: ({ url }, folder) => ['-u', `${url}/center/?lang=en`, '-p', 'lang', '--batch', '--disable-coloring', '--level', '1', '--risk', '1', '--timeout', '10', '--retries', '0', '--threads', '1', '--dbms', 'PostgreSQL', '--flush-session', '--skip-waf', '--output-dir', folder],
    isWell: zero,
    reached: (said) => said.includes('testing if the target URL content is stable') && !/unable to connect|connection (?:refused|timed out)/i.test(said),
  },
]; // prettier-ignore

/** What people leave lying about. */
const WORDS = [
  '.env', '.git/config', '.git/HEAD', '.svn/entries', '.htpasswd', '.ssh/id_rsa', '.aws/credentials', '.npmrc', '.DS_Store', 'admin.key', 'backup.sql', 'backup.zip',
  'config.json', 'config.yml', 'catalog.yaml', 'core', 'database.sql', 'debug', 'debug/pprof', 'docker-compose.yml', 'dump.sql', 'heapdump', 'id_rsa', 'metrics', 'package.json',
  'package-lock.json', 'phpinfo.php', 'private.key', 'server-status', 'server.key', 'sql', 'strongroom.config.json', 'swagger.json', 'wp-login.php', 'actuator/env', 'actuator/heapdump',
] as const; // prettier-ignore
