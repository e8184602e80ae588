/**
 * A normal company's traffic, day by day: staff with hours, services, batch jobs, people on the web site, failed log-ins, dead
 * links, machines that look things up and call home, and the internet's scanners. The same seed and day give the same events.
 *
 * Honest life is in it on purpose: forgotten passwords, a night on call, a new telephone, a VPN, a browser's update, a backup
 * each night. About 5,000 events a day at scale 1.
 */
import type { TrafficEvent } from '../event.ts';
import { DAY, HOUR, MINUTE } from './clock.ts';
import { dayOf, touchesOf, type Company, type Touch, type Worker } from './company.ts';
import { createMaker, type Maker } from './made-events.ts';
import { createRandom, type Random } from './random.ts';

type Making = Readonly<{ maker: Maker; random: Random; start: number; day: number; company: Company; scale: number }>;

/** @returns a day's events in the order of their times */
export function quietDay(company: Company, day: number, { scale = 1 } = {}): TrafficEvent[] {
  const making: Making = {
    maker: createMaker(`d${day}-`),
    random: createRandom(company.seed * 31 + day * 6151),
    start: dayOf(day),
    day,
    company,
    scale,
  };
  return inOrder([...work(making), ...webSite(making), ...background(making), ...machines(making)]);
}

export const inOrder = (events: readonly TrafficEvent[]): TrafficEvent[] => events.toSorted((a, b) => a.time - b.time);

/** Customers in one request of a batch. */
const IN_ONE = 50;
/** Of a company's own names; each is of another shape on purpose. */
const HELLOS = ['t13d1516h2_8daaf6152771_d8a2da3f94cd', 't13d1517h2_8daaf6152771_b0da82dd1658'];

function* work(making: Making): Generator<TrafficEvent> {
  const { company, day, random, maker, start } = making;
  for (const [i, worker] of company.workers.entries()) {
    const touches = touchesOf(company, worker, day).toSorted((a, b) => a.time - b.time);
    const [first] = touches;
    if (first === undefined) continue;
    if (worker.when !== 'office') {
      yield* ofService(making, worker, touches);
      continue;
    }
    const updated = day >= 20 + (i % 5);
    const device = {
      agent: random.chance(0.003)
        ? `Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/605.1`
        : updated
          ? worker.agent.replace('143.', '144.').replace('146.', '147.').replace('146.', '147.').replace('/19.', '/20.')
          : worker.agent,
      ja4: updated ? (HELLOS[1] as string) : (HELLOS[0] as string),
      // at home every third day, on a train now and then
      address: random.chance(0.05)
        ? `84.140.${random.whole(0, 250)}.7`
        : day % 3 === 1
          ? `84.133.${i}.9`
          : worker.address,
    };
    for (let failed = random.chance(0.1) ? random.whole(1, 4) : 0; failed > 0; failed -= 1)
      yield maker.logIn({
        time: first.time - failed * 5000 - 2000,
        account: worker.actor,
        address: device.address,
        worked: false,
      });
    yield maker.logIn({ time: first.time - 1000, account: worker.actor, address: device.address, worked: true });
    for (const touch of touches) yield read(making, touch, device);
    if (random.chance(0.01))
      yield read(making, { ...first, time: first.time + HOUR }, { ...device, address: '8.20.1.7' });
    if (random.chance(0.01))
      for (let call = 0; call < 6; call += 1)
        yield read(making, { ...first, time: start + 23 * HOUR + call * 6 * MINUTE }, device);
  }
}

const read = (
  { maker, random }: Making,
  { time, worker }: Touch,
  device: { agent: string; ja4: string; address: string },
): TrafficEvent =>
  maker.request({
    ...device,
    time,
    actor: worker.actor,
    role: worker.role,
    purpose: worker.purpose,
    subjects: random.chance(0.03) ? 0 : 1,
    code: random.chance(0.03) ? 404 : 200,
    bytes: random.whole(400, 3000),
  });

function* ofService(
  { maker, random }: Making,
  { actor, role, purpose, address, agent, when }: Worker,
  touches: readonly Touch[],
): Generator<TrafficEvent> {
  const inOne = when === 'always' ? 1 : IN_ONE;
  for (let at = 0; at < touches.length; at += inOne) {
    const subjects = Math.min(inOne, touches.length - at);
    const time = (touches[at] as Touch).time;
    yield maker.request({
      time,
      actor,
      address,
      role,
      purpose,
      agent,
      subjects,
      bytes: subjects * random.whole(600, 900),
    });
  }
}

const PAGES = ['/', '/products', '/products/winter', '/account', '/help', '/cart', '/imprint'];

/** People on the web site: pages, dead links, log-ins of which some fail. */
function* webSite({ maker, random, start, scale }: Making): Generator<TrafficEvent> {
  for (let i = 0; i < 1200 * scale; i += 1) {
    const dead = random.chance(0.04);
    yield maker.web({
      time: start + random.about(14 * HOUR, 4 * HOUR),
      address: `91.${random.whole(0, 200)}.${random.whole(0, 200)}.4`,
      path: dead ? `/products/${random.whole(1, 5000)}` : random.pick(PAGES),
      code: dead ? 404 : 200,
      bytes: random.whole(500, 60_000),
    });
  }
  for (let i = 0; i < 200 * scale; i += 1) {
    const customer = random.whole(0, 5000);
    const account = `customer${customer}`;
    // from home, but for a VPN or a network that many share
    const away = random.chance(0.03) ? random.whole(0, 40_000) : customer * 7;
    const address = i % 20 === 0 ? '91.7.7.7' : `91.${away % 200}.${Math.floor(away / 200) % 200}.4`;
    const time = start + random.about(14 * HOUR, 4 * HOUR);
    const failed = random.chance(0.1) ? random.whole(1, 4) : 0;
    for (let n = 0; n < failed; n += 1) yield maker.logIn({ time: time + n * 8000, account, address, worked: false });
    if (failed < 3 || random.chance(0.7))
      yield maker.logIn({ time: time + failed * 8000, account, address, worked: true });
  }
}

const LOOKED_FOR = [
  '/wp-login.php',
  '/.env',
  '/.git/config',
  '/xmlrpc.php',
  '/phpmyadmin/',
  '/admin',
  '/server-status',
  '/boaform/admin/formLogin',
  '/cgi-bin/luci',
  '/actuator/health',
  '/api/v1/users',
  '/owa/',
  '/solr/',
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
];

/** What the internet does to every address, all day. */
function* background({ maker, random, start, scale }: Making): Generator<TrafficEvent> {
  for (let scanner = 0; scanner < 25 * scale; scanner += 1) {
    const address = `185.${random.whole(0, 250)}.${random.whole(0, 250)}.9`;
    const from = start + random.whole(0, DAY - HOUR);
    for (let i = random.whole(3, 20); i > 0; i -= 1)
      yield maker.web({
        time: from + i * 800,
        address,
        path: random.pick(LOOKED_FOR),
        code: 404,
        agent: 'Mozilla/5.0 zgrab/0.x',
      });
    for (let i = random.whole(1, 12); i > 0; i -= 1)
      yield maker.flow({
        time: from + i * 3000,
        from: address,
        to: '84.0.0.1',
        port: random.pick([22, 23, 80, 443, 445, 3389, 5432, 8080]),
        worked: false,
      });
    if (random.chance(0.5))
      for (let i = random.whole(1, 5); i > 0; i -= 1)
        yield maker.logIn({
          time: from + i * 90_000,
          account: random.pick(['admin', 'root', 'test', 'info']),
          address,
          worked: false,
        });
  }
}

const NAMES = [
  'mail.partner.example',
  'www.search.example',
  'updates.system.example',
  'api.payments.example',
  'cdn.video.example',
  'chat.work.example',
];
const HEX = '0123456789abcdef';

/** Machines of ours: what they look up, whom they call, what they send. */
function* machines({ maker, random, start, scale }: Making): Generator<TrafficEvent> {
  for (let host = 0; host < 10; host += 1) {
    const from = `10.0.1.${10 + host}`;
    for (let at = random.whole(0, 1024); at < 86_400; at += 2048)
      yield maker.flow({
        time: start + at * 1000,
        from,
        to: '193.0.0.123',
        port: 123,
        protocol: 'udp',
        out: 76,
        back: 76,
      });
    for (let i = 0; i < 40 * scale; i += 1) {
      const time = start + random.about(13 * HOUR, 3 * HOUR);
      const far = random.whole(0, 300);
      const hostname = random.chance(0.1)
        ? `d${Array.from({ length: 13 }, () => HEX[random.whole(0, 16)]).join('')}.cdn.example`
        : random.pick(NAMES);
      yield maker.dns({ time, from, hostname });
      yield maker.flow({
        time: time + 40,
        from,
        to: `151.${far % 250}.3.${far % 90}`,
        port: 443,
        out: random.whole(900, 90_000),
        back: random.whole(3000, 2_000_000),
        worked: random.chance(0.97),
      });
    }
  }
  for (let at = 0; at < DAY; at += 5 * MINUTE)
    yield maker.flow({
      time: start + at + random.whole(0, 900),
      from: '10.0.0.13',
      to: '198.51.100.20',
      port: 443,
      out: 1200 + random.whole(0, 30),
    });
  yield maker.flow({
    time: start + 2.5 * HOUR,
    from: '10.0.0.5',
    to: '203.0.113.50',
    port: 443,
    out: random.about(4e9, 2e8),
  });
}
