/** Which machines' flows are compared with the log: those that a feed of any server is declared to see. */
import type { ReconcileOptions } from '../behaviour/reconcile.ts';
import type { OwnRow } from '../store/sensors.ts';

/** A machine that two feeds see counts by the first of them. */
export function reconcileOf(declared: readonly OwnRow[]): Omit<ReconcileOptions, 'most'> {
  const feeds = new Map<string, string>();
  for (const { name, own } of declared) for (const host of own.hosts) if (!feeds.has(host)) feeds.set(host, name);
  return { hosts: [...feeds.keys()], feeds, known: declared.flatMap(({ own }) => own.known), to: 'everybody' };
}
