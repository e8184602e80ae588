/**
 * Which foreign sensors there are: a file in YAML that an operator writes. What is wrong with it stops the start, with the
 * place and what to write instead: a feed that is silently not there is a blind eye.
 *
 * ```yaml
 * feeds:
 *   - { name: shop, file: /var/log/nginx/access.log, format: access-log }
 *   - { name: router, udp: '127.0.0.1:2055', format: netflow, senders: [192.0.2.1] }
 *   - { name: wire, interface: eth0, filter: tcp port 7700, own: [192.0.2.10], known: [192.0.2.11] }
 * ```
 *
 * `own`: addresses of the machines that the system runs on. What leaves them by the flows of this feed is compared with what
 * the log says was answered; `known` are places where more goes on purpose.
 */
import { isIP } from 'node:net';

import { isNetwork, plainAddress } from '#platform/networks';
import { parse } from 'yaml';

import { lineFormat } from '../formats/index.ts';

export const LINE_FORMATS = ['eve', 'zeek', 'access-log', 'syslog', 'vpc-flow'] as const;
export type LineFormatName = (typeof LINE_FORMATS)[number];
/** Addresses and networks, each as events have it. */
export type OwnWire = Readonly<{ hosts: readonly string[]; known: readonly string[] }>;
export type DeclaredFeed = Readonly<{ name: string; own?: OwnWire }> &
  (
    | Readonly<{ kind: 'file'; path: string; format: LineFormatName; declared: string | undefined }>
    | Readonly<{
        kind: 'udp';
        host: string;
        port: number;
        format: 'netflow' | 'syslog';
        senders: readonly string[] | 'any';
      }>
    | Readonly<{ kind: 'wire'; interface: string; filter: string | undefined }>
  );
export type DeclaredFeeds = Readonly<{ feeds: readonly DeclaredFeed[]; faults: readonly string[] }>;

const MOST = 100;
const MOST_OWN = 100;
const MEMBERS = { file: ['name', 'file', 'format', 'declared', 'own', 'known'], udp: ['name', 'udp', 'format', 'senders', 'own', 'known'], interface: ['name', 'interface', 'filter', 'own', 'known'] } as const; // prettier-ignore
/** Those that tell of flows, with their bytes. */
const WITH_FLOWS: ReadonlySet<string> = new Set(['eve', 'zeek', 'vpc-flow', 'netflow']);

export function readFeeds(text: string): DeclaredFeeds {
  let document: unknown;
  try {
    // no aliases: nobody needs them here, and a few lines of them fill a memory
    document = parse(text, { maxAliasCount: 0 });
  } catch {
    return { feeds: [], faults: ['this is no YAML'] };
  }
  const list = isMap(document) ? document.feeds : undefined;
  if (!isMap(document) || Object.keys(document).some((key) => key !== 'feeds') || !Array.isArray(list))
    return { feeds: [], faults: ['write `feeds:` and below it a list, and nothing else'] };
  if (list.length > MOST) return { feeds: [], faults: [`at most ${MOST} feeds`] };
  const faults: string[] = [];
  const names = new Set<string>();
  const owned = new Set<string>();
  const feeds = list.flatMap((each: unknown, at): DeclaredFeed[] => {
    const read = readFeed(each);
    const twice = typeof read === 'string' ? undefined : read.own?.hosts.find((host) => owned.has(host));
    const fault =
      typeof read === 'string'
        ? read
        : names.has(read.name)
          ? `the name ${read.name} is there twice`
          : twice === undefined
            ? null
            : `${twice} is own to another feed: its bytes would count twice`;
    if (fault !== null) faults.push(`feed ${at + 1}: ${fault}`);
    if (typeof read === 'string') return [];
    names.add(read.name);
    for (const host of read.own?.hosts ?? []) owned.add(host);
    return [read];
  });
  return { feeds, faults };
}

/** @returns what is wrong, in words, or the feed */
function readFeed(each: unknown): DeclaredFeed | string {
  const feed = readSource(each);
  if (typeof feed === 'string' || !isMap(each)) return feed;
  const own = readOwn(feed, each);
  return typeof own === 'string' ? own : own === null ? feed : { ...feed, own };
}

function readOwn(feed: DeclaredFeed, { own, known }: Readonly<Record<string, unknown>>): OwnWire | string | null {
  if (own === undefined) return known === undefined ? null : 'known: goes with own';
  if (feed.kind !== 'wire' && !WITH_FLOWS.has(feed.format)) return 'own: goes with an interface, eve, zeek, vpc-flow and netflow, which tell of flows';
  const hosts = Array.isArray(own) ? own.map((host) => (typeof host === 'string' ? plainAddress(host) : null)) : [];
  if (hosts.length === 0 || hosts.length > MOST_OWN || !hosts.every((host) => host !== null)) return `own: a list of 1 to ${MOST_OWN} addresses of the machines that the system runs on`;
  const places = known ?? [];
  if (!Array.isArray(places) || places.length > MOST_OWN || !places.every((each) => typeof each === 'string' && isNetwork(each)))
    return `known: a list of at most ${MOST_OWN} addresses and networks`;
  return { hosts: [...new Set(hosts)], known: places as string[] };
} // prettier-ignore

function readSource(each: unknown): DeclaredFeed | string {
  if (!isMap(each)) return 'write it as a map of name and file, udp or interface';
  const kind = (['file', 'udp', 'interface'] as const).filter((key) => key in each);
  const [source] = kind;
  if (source === undefined || kind.length > 1) return 'give one of file, udp and interface';
  const stranger = Object.keys(each).find((key) => !(MEMBERS[source] as readonly string[]).includes(key));
  if (stranger !== undefined) return `${JSON.stringify(stranger.slice(0, 40))} is no member of a feed with ${source}`;
  const { name } = each;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9.-]{1,59}$/.test(name))
    return 'name: 2 to 60 of a-z, 0-9, dot and dash, a letter first';
  if (source === 'file') return readFile(name, each);
  if (source === 'udp') return readUdp(name, each);
  const { interface: device, filter } = each;
  if (typeof device !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(device))
    return 'interface: the name of one, as eth0';
  // it becomes one argument of a program: what begins with a dash would be an option
  if (filter !== undefined && (typeof filter !== 'string' || !/^[A-Za-z0-9(][A-Za-z0-9 .:/()[\]&|!=<>_-]{0,500}$/.test(filter)))
    return 'filter: as pcap-filter(7) has it, such as `not port 22`';
  return { name, kind: 'wire', interface: device, filter };
} // prettier-ignore

function readFile(name: string, { file, format, declared }: Readonly<Record<string, unknown>>): DeclaredFeed | string {
  if (typeof file !== 'string' || !file.startsWith('/')) return 'file: an absolute path';
  if (!LINE_FORMATS.includes(format as LineFormatName)) return `format: one of ${LINE_FORMATS.join(', ')}`;
  if (declared !== undefined && typeof declared !== 'string')
    return 'declared: nginx’s log_format, or the fields of a VPC flow log';
  try {
    lineFormat(format as LineFormatName, declared);
  } catch {
    return 'declared: this cannot be read';
  }
  return { name, kind: 'file', path: file, format: format as LineFormatName, declared };
}

function readUdp(name: string, { udp, format, senders }: Readonly<Record<string, unknown>>): DeclaredFeed | string {
  const at = typeof udp === 'string' ? /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(udp) : null;
  const [host, port] = [at?.[1] ?? at?.[2] ?? '', Number(at?.[3])];
  if (isIP(host) === 0 || port > 65_535 || port < 1) return "udp: an address of this machine and a port, as '127.0.0.1:2055'";
  if (format !== 'netflow' && format !== 'syslog') return 'format: netflow (also IPFIX) or syslog';
  // whoever sends it makes cases, and what is done about them: nobody is let do that by what was not written
  if (senders !== 'any' && (!Array.isArray(senders) || senders.length === 0 || !senders.every((each) => typeof each === 'string' && isNetwork(each))))
    return 'senders: a list of addresses and networks that may send, or `any` for whoever reaches the port';
  return { name, kind: 'udp', host, port, format, senders: senders as string[] | 'any' };
} // prettier-ignore

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
