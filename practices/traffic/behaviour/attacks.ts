/** What an attacker does, as events to be mixed into a day of simulate.ts. Each begins at `time`. */
import type { TrafficEvent } from '../event.ts';
import { DAY, HOUR, MINUTE } from './clock.ts';
import { AGENTS } from './company.ts';
import { createMaker, type Maker } from './made-events.ts';
import { createRandom, type Random } from './random.ts';

export type Attack = Readonly<{
  name: string;
  /** Of the alert that notices it. */ rule: string;
  events: (time: number) => TrafficEvent[];
}>;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function attacksOf(seed = 7): readonly Attack[] {
  const attack = (
    name: string,
    rule: string,
    steps: (make: Maker, random: Random, time: number) => Iterable<TrafficEvent>,
  ): Attack => ({
    name,
    rule: `behaviour.${rule}`,
    events: (time) => [...steps(createMaker(`${name}-`), createRandom(seed), time)],
  });
  const times = <Item>(n: number, make: (i: number) => Item): Item[] => Array.from({ length: n }, (_, i) => make(i));
  const thief = {
    actor: 'person_staff2',
    address: '84.132.7.12',
    agent: AGENTS[2],
    ja4: 't13d1517h2_8daaf6152771_b0da82dd1658',
  };

  return [
    attack('scrape in an hour', 'customers-per-hour', ({ request }, _, time) =>
      times(600, (i) => request({ ...thief, time: time + i * 4000, subjects: 1 })),
    ),
    attack('guessing one password', 'brute-force', ({ logIn }, _, time) =>
      times(300, (i) =>
        logIn({ time: time + i * 2000, account: 'person_staff4', address: `45.1.${i % 9}.1`, worked: false }),
      ),
    ),
    attack('guessed', 'log-in-after-failures', ({ logIn }, _, time) =>
      times(61, (i) =>
        logIn({ time: time + i * 2000, account: 'person_staff5', address: '45.1.1.1', worked: i === 60 }),
      ),
    ),
    attack('credential stuffing', 'credential-stuffing', ({ logIn }, random, time) =>
      times(400, (i) =>
        logIn({
          time: time + i * 3000,
          account: `customer${random.whole(0, 5000)}`,
          address: '45.9.9.9',
          worked: i % 50 === 49,
        }),
      ),
    ),
    attack('password spray', 'password-spray', ({ logIn }, _, time) =>
      times(400, (i) =>
        logIn({
          time: time + (i * 12 * HOUR) / 400,
          account: `customer${i * 12}`,
          address: `46.${i % 250}.${i % 90}.1`,
          worked: false,
        }),
      ),
    ),
    attack('ids one by one', 'id-enumeration', ({ web }, _, time) =>
      times(200, (i) =>
        web({
          time: time + i * 1500,
          address: '45.2.2.2',
          path: `/orders/${50_000 + i}`,
          code: i % 9 === 0 ? 200 : 404,
        }),
      ),
    ),
    attack('a stolen session far away', 'impossible-travel', ({ request }, _, time) =>
      times(4, (i) => request({ ...thief, time: time + i * MINUTE, address: i % 2 === 0 ? thief.address : '1.0.0.9' })),
    ),
    attack('a stolen session elsewhere', 'new-device', ({ request }, _, time) =>
      times(3, (i) =>
        request({ ...thief, time: time + i * MINUTE, address: '84.200.1.1', agent: 'python-requests/2.32' }),
      ),
    ),
    attack('at night', 'off-hours', ({ request }, _, time) =>
      times(10, (i) => request({ ...thief, time: Math.floor(time / DAY) * DAY + HOUR + i * 60_000 })),
    ),
    attack('an implant', 'beacon', ({ flow }, random, time) =>
      times(60, (i) =>
        flow({
          time: time + i * 4 * MINUTE + random.whole(0, 30_000),
          from: '10.0.1.12',
          to: '203.0.113.66',
          port: 443,
          out: 420,
        }),
      ),
    ),
    attack('a tunnel through names', 'dns-tunnel', ({ dns }, random, time) =>
      times(300, (i) =>
        dns({
          time: time + i * 5000,
          from: '10.0.1.13',
          hostname: `${times(48, () => ALPHABET[random.whole(0, 32)]).join('')}.t.evil.example`,
          type: 'TXT',
        }),
      ),
    ),
    attack('looking around', 'port-scan', ({ flow }, _, time) =>
      times(120, (i) =>
        flow({
          time: time + i * 500,
          from: '10.0.1.14',
          to: `10.0.0.${i % 20}`,
          port: [22, 80, 443, 445, 5432, 3306][i % 6] as number,
          worked: i % 30 === 0,
        }),
      ),
    ),
    attack('data sent out', 'volume-out', ({ flow }, _, time) =>
      times(10, (i) => flow({ time: time + i * MINUTE, from: '10.0.1.15', to: '203.0.113.77', port: 443, out: 90e6 })),
    ),
    attack('a copy of the database', 'unlogged-data', ({ flow }, _, time) => [
      flow({ time, from: '84.0.0.1', to: '203.0.113.88', port: 443, out: 900e6 }),
    ]),
  ];
}
