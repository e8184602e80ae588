/**
 * `strongroom traffic …`: what moves, what was found in it, who works on it, who is held back. `firewall` and `tls` run on the
 * machine itself, without a server: server/traffic-command.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { isProblem, type EventAsk, type TrafficLive } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';
import { caseCommands } from './traffic-cases.ts';
import { guardCommands } from './traffic-guard.ts';
import { ruleCommands } from './traffic-rules.ts';
import { sendCommand } from './traffic-send.ts';
import { alertLine, eventLine } from './traffic-words.ts';
import { wholeNumber } from './whole-number.ts';

const POLL_MS = 2000;
/** Servers count a minute a little after it is over. */
const LATE_MS = 5000;
/** Newest alerts of one answer. */
const LISTED = 50;

type EventOptions = Shared &
  Omit<EventAsk, 'limit' | 'class' | 'failed'> & { class?: string; failed?: boolean; limit: string };
const CLASSES = ['finding', 'authentication', 'network', 'http', 'dns', 'api'] as const;

export function trafficCommands(program: Command, run: Run): void {
  const traffic = program.command('traffic').description('what moves, what should not, and who is held back');

  withConnection(traffic.command('tail').description('alerts and minutes as they come; Ctrl-C ends it'))
    .option('--minutes <n>', 'begin so far back, 1 to 1440', '5')
    .option('--once', 'only what there is now')
    .addHelpText('after', '\nExamples:\n  strongroom traffic tail                      # in words\n  strongroom traffic tail --json | jq .alert   # one line of JSON for each')
    .action((options: Shared & { minutes: string; once?: boolean }) => run(() => tail(options), options));

  withConnection(traffic.command('sensors').description('each sensor of each server: what it saw, dropped and could not read')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).traffic.sensors();
        show(options, found, () =>
          found.sensors
            .map(({ name, node, running, events, malformed, dropped, gaps, problem, lastEventAt }) =>
              harmless(`${name.padEnd(20)} ${running ? 'runs ' : 'STOOD'} ${events} events, ${malformed} malformed, ${dropped} dropped, ${gaps} gaps  ${lastEventAt === null ? 'no event yet' : `last ${lastEventAt}`}  ${node}${problem === null ? '' : `  ${problem}`}`))
            .join('\n') || 'none yet',
        );
      }, options),
  );

  withConnection(traffic.command('events').description('what happened, the newest first; whoever asks is in the audit log'))
    .option('--actor <id>', 'key_…, per_…, or a name of another program’s log')
    .option('--address <ip>', 'from or to this address')
    .option('--sensor <name>', 'requests, inspection, or feed.<name>')
    .option('--class <class>', CLASSES.join(', '))
    .option('--from <time>', 'as 2026-01-31T12:00:00Z; a day back when left out')
    .option('--to <time>', 'now when left out')
    .option('--failed', 'only what failed')
    .option('--limit <n>', 'how many, 1 to 999', '100')
    .option('--before <place>', 'where the page before ended')
    .addHelpText('after', '\nExamples:\n  strongroom traffic events --actor key_… --from 2026-01-31T00:00:00Z\n  strongroom traffic events --failed --address 192.0.2.9 --json   # OCSF 1.6')
    .action((options: EventOptions) =>
      run(async () => {
        const { actor, address, sensor, from, to, failed, before } = options;
        const name = CLASSES.find((each) => each === options.class);
        if (options.class !== undefined && name === undefined) throw new Usage(`--class is one of ${CLASSES.join(', ')}`);
        const given = { actor, address, sensor, class: name, from, to, failed, before };
        const ask = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        const found = await connect(options).traffic.events({ ...ask, limit: wholeNumber('--limit', options.limit, 1, 999) });
        show(options, found, () => {
          const lines = found.events.map((each) => eventLine(each as Record<string, unknown>));
          const more = found.next === null ? [] : [`there may be more: --before ${found.next}`];
          const lost = found.unopened === 0 ? [] : [`${found.unopened} blocks of events cannot be opened: what was in them is not here`];
          return [...(lines.length === 0 ? ['none'] : lines), ...more, ...lost].join('\n');
        });
      }, options),
    );

  caseCommands(traffic, run);
  ruleCommands(traffic, run);
  guardCommands(traffic, run);
  sendCommand(traffic, run);
  traffic.addHelpText(
    'after',
    '\nOn the machine itself, without a server:\n  firewall …              nftables rules from a policy, with a way back\n  tls                     what a port of this machine really offers\n  replay <file>           what the rules say of a capture (pcap), EVE, Zeek or a log\nGuide: docs/practices/traffic.md',
  );
} // prettier-ignore

/** Ends when Ctrl-C is pressed; a server that starts anew is waited for. */
async function tail(options: Shared & { minutes: string; once?: boolean }): Promise<void> {
  const room = connect(options);
  const minutes = wholeNumber('--minutes', options.minutes, 1, 1440);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end);
  const say = (value: object, words: string): void => show(options, value, () => words);
  let seen = new Set<string>();
  let told = '';
  for (let first = true; !stop.signal.aborted; first = false) {
    const now = await room.traffic.live(first ? minutes : 10, { signal: stop.signal }).catch((thrown: unknown) => {
      if (stop.signal.aborted) return null;
      if (first || !isProblem(thrown) || !['SDK_UNREACHABLE', 'SDK_TIMEOUT'].includes(thrown.code)) throw thrown;
      process.stderr.write('the server does not answer; trying again\n');
      return null;
    });
    if (now !== null) {
      const whole = new Date(Date.parse(now.at) - 60_000 - LATE_MS).toISOString();
      for (const minute of minutesOf(now)) {
        if (minute.minute <= told || (minute.minute > whole && options.once !== true)) continue;
        say({ minute }, `${minute.minute}  ${minute.events} events, ${minute.failed} failed, ${minute.subjects} customers touched, ${minute.bytes} bytes${minute.dropped === 0 ? '' : `, ${minute.dropped} DROPPED`}`);
        told = minute.minute;
      }
      if (!first && now.alerts.length >= LISTED && now.alerts.every(({ uid }) => !seen.has(uid)))
        process.stderr.write('alerts come faster than they can be shown here: strongroom traffic cases has all of them\n');
      for (const alert of now.alerts.toSorted((one, other) => (one.foundAt < other.foundAt ? -1 : 1)))
        if (!seen.has(alert.uid)) say({ alert }, alertLine(alert));
      // what an answer no longer holds does not come back
      seen = new Set(now.alerts.map(({ uid }) => uid));
    }
    if (options.once === true) break;
    await sleep(POLL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  process.removeListener('SIGINT', end);
} // prettier-ignore

type Minute = Omit<TrafficLive['minutes'][number], 'sensor'>;
/** Of all sensors together, the oldest first. */
function minutesOf({ minutes }: TrafficLive): Minute[] {
  const sums = new Map<string, Minute>();
  for (const { minute, events, failed, subjects, bytes, dropped } of minutes) {
    const sum = sums.get(minute) ?? { minute, events: 0, failed: 0, subjects: 0, bytes: 0, dropped: 0 };
    sums.set(minute, {
      minute,
      events: sum.events + events,
      failed: sum.failed + failed,
      subjects: sum.subjects + subjects,
      bytes: sum.bytes + bytes,
      dropped: sum.dropped + dropped,
    });
  }
  return [...sums.values()].toSorted((one, other) => (one.minute < other.minute ? -1 : 1));
}
