/** Policies of every kind, for tests. */
import fc from 'fast-check';

import type { FirewallPolicy, Rate, Transport, Whom } from './policy.ts';
import { addressText, spanOf, type Span } from './spans.ts';

const networkOf = (family: 4 | 6, bits: number) =>
  fc
    .bigInt(0n, (1n << BigInt(bits)) - 1n)
    .chain((value) =>
      fc.integer({ min: 0, max: bits }).map((prefix) => spanOf(`${addressText(family, value)}/${prefix}`)),
    );
const networks = (least: number): fc.Arbitrary<readonly Span[]> =>
  fc.array(
    fc.oneof(networkOf(4, 32), networkOf(6, 128)).map((each) => each ?? (spanOf('10.0.0.0/8') as Span)),
    { minLength: least, maxLength: 6 },
  );
const whom = fc.oneof(fc.constant<Whom>('any'), networks(1));
const port = fc.integer({ min: 1, max: 65535 });
const ports = fc.uniqueArray(port, { minLength: 1, maxLength: 5 }).map((all) => all.toSorted((a, b) => a - b));
const protocol = fc.constantFrom<Transport>('tcp', 'udp');
const rate: fc.Arbitrary<Rate> = fc.record({
  connections: fc.integer({ min: 1, max: 1_000_000 }),
  per: fc.constantFrom('second', 'minute', 'hour'),
  burst: fc.integer({ min: 1, max: 1_000_000 }),
});
const named = <One extends object>(one: fc.Arbitrary<One>) =>
  fc.array(one, { maxLength: 5 }).map((all) => all.map((each, at) => ({ ...each, name: `n${at}-x` })));

export const policies: fc.Arbitrary<FirewallPolicy> = fc.record({
  admin: fc.record({ networks: networks(1), ports }),
  listeners: named(fc.record({ port, protocol, from: whom, rate: fc.option(rate) })),
  egress: fc.oneof(fc.constant('any' as const), named(fc.record({ to: whom, protocol, ports }))),
  ping: whom,
  neverBlock: networks(0),
  log: fc.option(fc.record({ perSecond: fc.integer({ min: 1, max: 1000 }) })),
});
