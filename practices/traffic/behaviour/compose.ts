/**
 * All behaviours as one detector: each event goes once to those that its class is for. What they have learned can be taken
 * out as plain JSON and given again after a restart; open windows come again from the events of `windowMs`.
 *
 * A flood of keys makes a behaviour forget the ones seen least recently; what it forgot is counted in `held().dropped`, and
 * when all of its keys were forgotten within an hour it says that it may have missed something.
 */
import type { Alert, Detector } from '../alert.ts';
import { CLASSES, type ClassUid, type TrafficEvent } from '../event.ts';
import type { CountryOf } from './addresses.ts';
import { beaconWatch, type BeaconOptions } from './beacon.ts';
import { bruteForceWatch, type BruteForceOptions } from './brute-force.ts';
import { createEventClock, HOUR } from './clock.ts';
import { createGap } from './countries.ts';
import { customersWatch, type CustomersOptions } from './customers.ts';
import { deviceWatch, type DeviceOptions } from './device.ts';
import { dnsTunnelWatch, type DnsTunnelOptions } from './dns-tunnel.ts';
import { enumerationWatch, type EnumerationOptions } from './enumeration.ts';
import { allHeld, type Held } from './keyed.ts';
import { offHoursWatch, type OffHoursOptions } from './off-hours.ts';
import { portScanWatch, type PortScanOptions } from './port-scan.ts';
import { reconcileWatch, type ReconcileOptions } from './reconcile.ts';
import { sprayWatch, type SprayOptions } from './spray.ts';
import { travelWatch, type TravelOptions } from './travel.ts';
import { volumeWatch, type VolumeOptions } from './volume.ts';
import { alertOf, utc, type Say, type Watch } from './watch.ts';

/** Thresholds of one, or `off`. */
type Setting<Options> = Partial<Omit<Options, 'most' | 'salt' | 'countryOf' | 'gap'>> | 'off';

export type BehavioursOptions = Readonly<{
  /** Keys that each behaviour holds, at most; all of them together stay below about 400 MB in the worst case at 20,000. */
  most?: number;
  /** Of hashes: a number that a stranger does not know. The same salt and events give the same alerts. */
  salt?: number;
  customers?: Setting<CustomersOptions>;
  bruteForce?: Setting<BruteForceOptions>;
  spray?: Setting<SprayOptions>;
  enumeration?: Setting<EnumerationOptions>;
  /** Without it, countries are only those that events bring along. */
  countryOf?: CountryOf;
  travel?: Setting<TravelOptions>;
  device?: Setting<DeviceOptions>;
  offHours?: Setting<OffHoursOptions>;
  beacon?: Setting<BeaconOptions>;
  dnsTunnel?: Setting<DnsTunnelOptions>;
  portScan?: Setting<PortScanOptions>;
  volume?: Setting<VolumeOptions>;
  reconcile?: Setting<ReconcileOptions>;
}>;

export type Behaviours = Omit<Detector, 'held'> &
  Readonly<{
    held: () => Held;
    /** By rule: what each holds, and how many keys it has forgotten. */
    heldByRule: () => Readonly<Record<string, Held>>;
    /** Events whose time was not believed, and steps of clocks. */
    clock: () => Readonly<{ disbelieved: number; steps: number }>;
    /** Plain JSON, bounded as the state is. */
    baselines: () => Baselines;
    /** What is not of this shape is left out. */
    learn: (baselines: unknown) => void;
  }>;

export type Baselines = Readonly<{ version: 1; rules: Readonly<Record<string, unknown>> }>;

const NONE: readonly Alert[] = [];
const OVERFLOW = 'behaviour.overflow';

/** What speaks without a rule in Sigma: behaviours, honey, and what is looked for in the database. */
export const BEHAVIOURS = [
  'behaviour.beacon', 'behaviour.brute-force', 'behaviour.credential-stuffing', 'behaviour.customers-per-hour', 'behaviour.dns-tunnel',
  'behaviour.honey-record', 'behaviour.honey-token', 'behaviour.id-enumeration', 'behaviour.impossible-travel', 'behaviour.log-in-after-failures',
  'behaviour.new-device', 'behaviour.off-hours', OVERFLOW, 'behaviour.password-spray', 'behaviour.port-scan', 'behaviour.slow-scrape',
  'behaviour.unlogged-data', 'behaviour.volume-out',
] as const; // prettier-ignore

export function createBehaviours(options: BehavioursOptions = {}): Behaviours {
  const watches = watchesOf(options);
  const byClass = new Map<ClassUid, Watch[]>();
  for (const watch of watches)
    for (const name of watch.classes) byClass.set(CLASSES[name], [...(byClass.get(CLASSES[name]) ?? []), watch]);
  const clock = createEventClock();
  const overflow = overflowOf(watches);

  let alerts: Alert[] | null = null;
  const say: Say = (alert) => void (alerts ??= []).push(alert);
  const feed = (event: TrafficEvent): readonly Alert[] => {
    const time = clock.timeOf(event);
    alerts = null;
    for (const watch of byClass.get(event.class_uid) ?? NONE_WATCHES) watch.feed(event, time, say);
    overflow(event, time, say);
    return alerts ?? NONE;
  };
  return {
    feed,
    windowMs: watches.reduce((most, { windowMs }) => Math.max(most, windowMs), 0),
    held: () => allHeld([clock.held(), ...watches.map((watch) => watch.held())]),
    heldByRule: () => Object.fromEntries(watches.map((watch) => [watch.rule, watch.held()])),
    clock: clock.counts,
    baselines: () => ({
      version: 1,
      rules: Object.fromEntries(
        watches.flatMap(({ rule, learned }) => (learned === undefined ? [] : [[rule, learned()]])),
      ),
    }),
    learn: (baselines) => {
      if (typeof baselines !== 'object' || baselines === null || !('rules' in baselines)) return;
      const { rules } = baselines;
      if (typeof rules !== 'object' || rules === null) return;
      for (const { rule, learn } of watches)
        if (Object.hasOwn(rules, rule)) learn?.((rules as Record<string, unknown>)[rule]);
    },
  };
}

const NONE_WATCHES: readonly Watch[] = [];

function watchesOf({ most = 20_000, salt = 0, countryOf = () => undefined, ...each }: BehavioursOptions): Watch[] {
  const on = <Options>(setting: Setting<Options> | undefined, make: (options: Options) => Watch): Watch[] =>
    setting === 'off' ? [] : [make({ ...setting, most, salt } as Options)];
  return [
    ...on(each.customers, customersWatch),
    ...on(each.bruteForce, bruteForceWatch),
    ...on(each.spray, sprayWatch),
    ...on(each.enumeration, enumerationWatch),
    ...on(each.travel, (options: TravelOptions) => travelWatch({ ...options, countryOf, gap: createGap() })),
    ...on(each.device, deviceWatch),
    ...on(each.offHours, offHoursWatch),
    ...on(each.beacon, beaconWatch),
    ...on(each.dnsTunnel, dnsTunnelWatch),
    ...on(each.portScan, portScanWatch),
    ...on(each.volume, volumeWatch),
    ...on(each.reconcile, reconcileWatch),
  ];
}

/** Looks once in an hour whether a behaviour has forgotten as many keys as it can hold. */
function overflowOf(watches: readonly Watch[]) {
  const dropped = watches.map(() => 0);
  let hour = -1;
  return (event: TrafficEvent, time: number, say: Say): void => {
    const now = Math.floor(time / HOUR);
    if (now === hour) return;
    hour = now;
    for (const [i, watch] of watches.entries()) {
      const held = watch.held();
      const since = held.dropped - (dropped[i] as number);
      dropped[i] = held.dropped;
      if (since < held.most) continue;
      say(
        alertOf({
          rule: OVERFLOW,
          title: 'A detection was flooded',
          severity: 'medium',
          key: `rule=${watch.rule}`,
          entity: {},
          time,
          window: now * HOUR,
          events: [event.metadata.uid],
          reason:
            `${watch.rule} forgot ${since} keys in the hour before ${utc(now * HOUR)} and holds ${held.most} at most: ` +
            `what it watches may have been missed.`,
          measure: { name: 'keys forgotten in an hour', value: since, usual: 0, limit: held.most },
          attack: ['T1562'],
        }),
      );
    }
  };
}
