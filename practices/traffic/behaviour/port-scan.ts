/**
 * Port scan: one address that tries many different places (host and port) of which hardly any answers, fast (ten minutes)
 * or slow (a day). Across: one port of many hosts; down: many ports of one host.
 *
 * The internet scans all of it all the time: who comes from outside must try four times as much, is told low, and no more
 * than once a day for all of them together. A machine of ours that does it is high.
 * Honest life that comes near: a monitor whose targets are down (few places, again and again), and a client of a dead
 * cluster. False-positive budget: one in two months, beside one for each run of one's own scanner.
 */
import { DAY, LATE_MS, MINUTE } from './clock.ts';
import { createDistinct, hashOf, type Distinct } from './distinct.ts';
import { createKeyed } from './keyed.ts';
import type { TrafficEvent } from '../event.ts';
import { addressOf, alertOf, brief, isOutside, keepUid, utc, type Watch } from './watch.ts';

export type PortScanOptions = Readonly<{
  most: number;
  salt?: number;
  fast?: number;
  slow?: number;
  /** Of all that was tried, above which it is honest. */
  honestShare?: number;
  /** Own scanners and monitors. */
  known?: readonly string[];
}>;

type Tried = { from: number; failed: Distinct; all: number; worked: number };
type Scanner = { fast: Tried; slow: Tried; hosts: Distinct; ports: Distinct; said: number; uids: string[] };

const RULE = 'behaviour.port-scan';
const FAST_MS = 10 * MINUTE;

export function portScanWatch({
  most,
  salt = 0,
  fast = 25,
  slow = 60,
  honestShare = 0.25,
  known = [],
}: PortScanOptions): Watch {
  const scanners = createKeyed<Scanner>(most);
  const quiet = new Set(known);
  let outsideSaid = -Infinity;
  const begin = (from: number): Tried => ({ from, failed: createDistinct(), all: 0, worked: 0 });
  const isScan = ({ failed, all, worked }: Tried, enough: number): boolean =>
    failed.count() >= enough && worked / all <= honestShare;

  return {
    rule: RULE,
    classes: ['network'],
    windowMs: DAY + LATE_MS,
    feed: (event, time, say) => {
      const from = addressOf(event);
      const to = brief(event.dst_endpoint?.ip);
      const port = event.dst_endpoint?.port;
      if (from === undefined || to === undefined || port === undefined || quiet.has(from)) return;
      const worked = wasAnswered(event);
      let scanner = scanners.get(from);
      if (scanner === undefined) {
        if (worked) return;
        scanner = {
          fast: begin(time),
          slow: begin(time),
          hosts: createDistinct(),
          ports: createDistinct(),
          said: -Infinity,
          uids: [],
        };
        scanners.set(from, scanner);
      }
      if (time > scanner.fast.from + FAST_MS || time < scanner.fast.from - LATE_MS) scanner.fast = begin(time);
      if (time > scanner.slow.from + DAY || time < scanner.slow.from - LATE_MS) {
        scanner.slow = begin(time);
        scanner.hosts = createDistinct();
        scanner.ports = createDistinct();
        if (time < scanner.said) scanner.said = -Infinity;
      }
      const place = worked ? 0 : hashOf(`${to}|${port}`, salt);
      for (const tried of [scanner.fast, scanner.slow]) {
        tried.all += 1;
        if (worked) tried.worked += 1;
        else tried.failed.add(place);
      }
      if (worked) return;
      scanner.hosts.add(hashOf(to, salt));
      scanner.ports.add(port);
      keepUid(scanner.uids, event);
      if (time < scanner.said + DAY) return;
      const outside = isOutside(from);
      const times = outside ? 4 : 1;
      const isFast = isScan(scanner.fast, times * fast);
      if (!isFast && !isScan(scanner.slow, times * slow)) return;
      scanner.said = time;
      if (outside) {
        if (time < outsideSaid + DAY && time > outsideSaid - DAY) return;
        outsideSaid = time;
      }
      const tried = isFast ? scanner.fast : scanner.slow;
      const [hosts, ports] = [scanner.hosts.count(), scanner.ports.count()];
      const limit = times * (isFast ? fast : slow);
      say(
        alertOf({
          rule: RULE,
          title: `A port scan from ${outside ? 'outside' : 'inside'}`,
          severity: outside ? 'low' : 'high',
          key: outside ? 'from=outside' : `from=${from}`,
          entity: outside ? { address: from } : { address: from, host: from },
          time,
          window: tried.from,
          events: [...scanner.uids],
          reason:
            `${from} tried ${tried.failed.count()} places that did not answer since ${utc(tried.from)} ` +
            `(${hosts} hosts, ${ports} ports: ${ports > 3 * hosts ? 'down one host' : hosts > 3 * ports ? 'across hosts' : 'both ways'}); ` +
            `${tried.worked} of ${tried.all} tries were answered.` +
            (outside ? ' Other scans from outside are not told until tomorrow.' : ''),
          measure: { name: 'places that did not answer', value: tried.failed.count(), usual: 0, limit },
          attack: ['T1046', 'T1595.001'],
        }),
      );
    },
    held: scanners.held,
  };
}

const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** Of TCP by its flags where there are some: a SYN and an ACK, and not a RST with hardly a byte. */
function wasAnswered({ status_id: status, connection_info: connection, traffic }: TrafficEvent): boolean {
  if (status === 2) return false;
  const back = traffic?.bytes_in;
  const flags = connection?.tcp_flags;
  if (connection?.protocol_name === 'tcp' && flags !== undefined && (flags & SYN) !== 0) {
    if ((flags & ACK) === 0) return false;
    // answered with a refusal: SYN one way, RST and ACK the other
    if ((flags & RST) !== 0 && (traffic?.packets_out ?? 2) <= 1) return false;
    return true;
  }
  return status === 1 || back === undefined || back > 0;
}
