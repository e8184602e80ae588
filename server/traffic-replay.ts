/**
 * `strongroom traffic replay <file>`: what shipped rules and behaviours say of a file that was captured or logged elsewhere.
 * No server, no database: the file is read once, by its own clock, and nothing of it is kept.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import {
  createBehaviours,
  createSigma,
  FORMATS,
  readAny,
  readRules,
  shippedRules,
  type Alert,
  type FormatName,
} from '#practices/traffic';

import { asksForHelp, FLAG, help, readArguments, TEXT } from './command-arguments.ts';
import { restoreBar } from './restore-bar.ts';

const USAGE = `strongroom traffic replay <file>, on this machine, without a server (docs/practices/traffic.md):

  pcap, pcapng, Suricata EVE, Zeek JSON, access logs, syslog, VPC flow logs: the content says which
  --format <name>       instead: ${FORMATS.join(', ')}
  --declared <text>     nginx's log_format, or the fields of a VPC flow log
  --rules <file>        a Sigma rule of yours beside the shipped ones; more than once
  --json                one alert a line, and a line that sums up

Exit codes: 0 nothing found, 1 failed, 2 usage, 6 alerts.
`;
const KEYS = 50_000;
const MIB = 2 ** 20;

export async function replayCommand(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) return help(USAGE);
  const asked = readArguments(args, { format: TEXT, declared: TEXT, rules: { ...TEXT, multiple: true }, json: FLAG }, 1);
  const path = asked?.positionals[0];
  if (asked === null || path === undefined) return usage();
  const { format, declared, json } = asked.values;
  if (format !== undefined && !FORMATS.includes(format as FormatName)) return usage(`--format: one of ${FORMATS.join(', ')}`);
  const { rules, faults } = readRules([...shippedRules(), ...(await ownRules(asked.values.rules ?? []))]);
  const errors = faults.filter(({ weight }) => weight === 'error');
  if (errors.length > 0) {
    for (const { file, line, says, hint } of errors) process.stderr.write(`${file}${line === null ? '' : `:${line}`}: ${says}\n  ${hint}\n`);
    return 1;
  }
  const detectors = [createSigma({ rules, most: KEYS }), createBehaviours()];
  const totalBytes = (await stat(path)).size;
  const bar = restoreBar(json);
  const file = createReadStream(path);
  const events = readAny(file, { logName: basename(path).toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-'), clock: Date.now }, {
    ...(format === undefined ? {} : { format: format as FormatName }),
    ...(declared === undefined ? {} : { declared }),
  });
  let [seen, found] = [0, 0];
  for (;;) {
    const { value, done } = await events.next();
    if (done === true) {
      bar.stop();
      if (value.format === null) {
        process.stderr.write(`what this file holds is not known: say it with --format\n`);
        return 1;
      }
      sumUp(json, { format: value.format, events: seen, alerts: found, malformed: value.counts.malformed ?? 0 });
      return found === 0 ? 0 : 6;
    }
    for (const event of value)
      for (const each of detectors)
        for (const alert of each.feed(event)) {
          found += 1;
          show(alert, json);
        }
    seen += value.length;
    bar.step('read', Math.ceil(file.bytesRead / MIB), Math.ceil(totalBytes / MIB));
  }
} // prettier-ignore

function show(alert: Alert, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(alert)}\n`);
  else {
    const at = new Date(Math.min(Math.max(alert.time, 0), 8.64e15)).toISOString();
    process.stdout.write(`${at}  ${alert.severity.padEnd(13)} ${plain(alert.title)}\n    ${plain(alert.reason)}\n`);
  }
}

function sumUp(json: boolean, sum: Readonly<{ format: string; events: number; alerts: number; malformed: number }>): void {
  if (json) process.stdout.write(`${JSON.stringify(sum)}\n`);
  else process.stdout.write(`${sum.format}: ${sum.events} events, ${sum.malformed} not readable, ${sum.alerts} alerts\n`);
} // prettier-ignore

/** What a foreign log names may hold what moves a terminal. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '·');

async function ownRules(paths: readonly string[]): Promise<{ name: string; text: string }[]> {
  return Promise.all(paths.map(async (name) => ({ name, text: await readFile(name, 'utf8') })));
}

function usage(problem?: string): number {
  process.stderr.write(`${problem === undefined ? '' : `${problem}\n\n`}${USAGE}`);
  return 2;
}
