/**
 * A device or network that an actor has not used before, once it is known: seen on four days at least, with fifty events.
 *
 * A device is its browser family and system, with the TLS hello (JA4) where the sensor has it. A browser's update changes its
 * version and may change the hello: that is the same device; another hello of the same version is not. People come from new
 * networks all the time, so a network alone counts only for keys, whose services stay where they are.
 * False-positive budget: two a month for each hundred people (a new phone), one for each move of a service.
 */
import { DAY } from './clock.ts';
import { createKeyed } from './keyed.ts';
import { addressOf, alertOf, brief, entityOf, networkOf, utc, whoOf, type Watch } from './watch.ts';

export type DeviceOptions = Readonly<{ most: number; days?: number; events?: number }>;

type Device = { version: string; hellos: string[] };
type Known = {
  days: number;
  lastDay: number;
  events: number;
  devices: Map<string, Device>;
  networks: string[];
  last: string;
};

const RULE = 'behaviour.new-device';
const MOST_DEVICES = 16;
const MOST_NETWORKS = 32;
const MOST_HELLOS = 6;

export function deviceWatch({ most, days = 4, events: manyEvents = 50 }: DeviceOptions): Watch {
  const actors = createKeyed<Known>(most);
  return {
    rule: RULE,
    classes: ['api'],
    windowMs: 0,
    feed: (event, time, say) => {
      const actor = whoOf(event);
      const address = addressOf(event);
      if (actor === undefined || address === undefined || event.status_id === 2) return;
      const agent = brief(event.http_request?.user_agent) ?? '';
      const hello = brief(event.tls?.ja4) ?? '';
      let known = actors.get(actor);
      if (known === undefined) {
        known = { days: 0, lastDay: -1, events: 0, devices: new Map(), networks: [], last: '' };
        actors.set(actor, known);
      }
      known.events += 1;
      const day = Math.floor(time / DAY);
      // what is given again after a restart is no day more; far before it, the clock was set back
      if (day > known.lastDay || day < known.lastDay - 2) {
        known.lastDay = day;
        known.days += 1;
      }
      // the same as the last time: what nearly all events are
      const now = `${address} ${hello} ${agent}`;
      if (now === known.last) return;
      known.last = now;
      const isKnown = known.days > days && known.events > manyEvents;
      const isKey = actor.startsWith('key_');
      const device = newDevice(known, agent, hello);
      const network = newNetwork(known, networkOf(address));
      if (!isKnown || (device === null && !(network && isKey))) return;
      const what = [
        ...(device === null ? [] : [device]),
        ...(network ? [`the network ${networkOf(address)}`] : []),
      ].join(' and ');
      say(
        alertOf({
          rule: RULE,
          title: device === null ? 'A key is used from a new network' : 'A new device',
          severity: device !== null && network ? 'medium' : isKey ? 'medium' : 'low',
          key: `actor=${actor}`,
          entity: entityOf(event),
          time,
          window: time,
          events: [event.metadata.uid],
          reason: `${actor} came at ${utc(time)} with ${what}, not seen before in ${known.days - 1} days and ${known.events - 1} requests.`,
          measure: { name: 'days known before', value: known.days - 1, usual: known.devices.size, limit: days },
          attack: ['T1078'],
        }),
      );
    },
    held: actors.held,
    learned: () =>
      [...actors.entries()].map(([actor, { days: seen, lastDay, events, devices, networks }]) => ({
        actor,
        days: seen,
        lastDay,
        events,
        networks: [...networks],
        devices: [...devices].map(([name, { version, hellos }]) => ({ name, version, hellos: [...hellos] })),
      })),
    learn: (learned) => {
      if (!Array.isArray(learned)) return;
      for (const row of learned as Partial<Learned>[]) {
        if (typeof row?.actor !== 'string' || !Array.isArray(row.devices) || !Array.isArray(row.networks)) continue;
        const devices = row.devices.filter((each) => typeof each?.name === 'string' && Array.isArray(each.hellos));
        actors.set(row.actor, {
          days: Number(row.days) || 0,
          lastDay: Number(row.lastDay) || 0,
          events: Number(row.events) || 0,
          networks: row.networks.filter((each) => typeof each === 'string').slice(-MOST_NETWORKS),
          devices: new Map(
            devices
              .slice(-MOST_DEVICES)
              .map(({ name, version, hellos }) => [
                name,
                { version: String(version), hellos: hellos.map(String).slice(-MOST_HELLOS) },
              ]),
          ),
          last: '',
        });
      }
    },
  };
}

type Learned = {
  actor: string;
  days: number;
  lastDay: number;
  events: number;
  networks: string[];
  devices: { name: string; version: string; hellos: string[] }[];
};

/** @returns how it is said, where it is new */
function newDevice({ devices }: Known, agent: string, hello: string): string | null {
  const { name, version } = familyOf(agent);
  const device = devices.get(name);
  if (device === undefined) {
    devices.set(name, { version, hellos: hello === '' ? [] : [hello] });
    if (devices.size > MOST_DEVICES) devices.delete(devices.keys().next().value as string);
    return name;
  }
  const updated = device.version !== version;
  device.version = version;
  if (hello === '' || device.hellos.includes(hello)) return null;
  const first = device.hellos.length === 0;
  device.hellos.push(hello);
  if (device.hellos.length > MOST_HELLOS) device.hellos.shift();
  return updated || first ? null : `${name} with another TLS hello (${hello})`;
}

function newNetwork({ networks }: Known, network: string): boolean {
  const at = networks.indexOf(network);
  if (at >= 0) {
    if (at < networks.length - 1) networks.push(...networks.splice(at, 1));
    return false;
  }
  networks.push(network);
  if (networks.length > MOST_NETWORKS) networks.shift();
  return true;
}

/** In this order: each later one also says that it is an earlier one. */
const FAMILIES = ['Edg/', 'OPR/', 'Firefox/', 'Chrome/', 'Version/'] as const;
const SYSTEMS = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux'] as const;

/** Family and system, and the version of the family by itself: `Chrome on Windows`, `143`. What is no browser: its first word. */
export function familyOf(agent: string): { name: string; version: string } {
  const family = FAMILIES.find((each) => agent.includes(each));
  if (family === undefined) {
    const [name = '', version = ''] = (agent.split(' ', 1)[0] ?? '').split('/', 2);
    return { name: name === '' ? 'no user agent' : name, version };
  }
  const at = agent.indexOf(family) + family.length;
  const version = agent.slice(at, at + 12).split('.', 1)[0] ?? '';
  const system = SYSTEMS.find((each) => agent.includes(each)) ?? 'another system';
  const name = family === 'Version/' ? 'Safari' : family.slice(0, -1);
  return { name: `${name} on ${system}`, version };
}
