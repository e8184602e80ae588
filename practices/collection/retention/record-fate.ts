/** What has to be done with one record: each of its fields and its files looked at, nothing opened. */
import type { HeldRecord } from '#practices/vault';

import type { Catalog, FieldPurpose } from '../catalog.ts';
import { fateOf, type Fate, type Happened, type Order } from './due.ts';

/** Stands for the files beside a record; `practices/vault/keepers.ts` has the same. */
export const ATTACHMENTS = '@attachments';

export type Rules = Readonly<{ catalog: Catalog; orders: ReadonlyMap<string, Order> }>;
export const orderKey = (collection: string, field: string): string => `${collection} ${field}`;

export type RecordFate = Readonly<{
  /** All of the record goes. */
  whole: boolean;
  erase: readonly string[];
  undeclared: readonly number[];
  coarsen: readonly string[];
  attachments: boolean;
  /** `field purpose` of uses that have ended, where the field is still held. */
  uses: readonly string[];
  /** Fields that have a date, with it. */
  dated: readonly Readonly<{ field: string; due: Date }>[];
  /** Fields without one, with the events they wait for. */
  awaiting: readonly Readonly<{ field: string; event: string }>[];
}>;

export function fateOfRecord(
  { catalog, orders }: Rules,
  record: HeldRecord,
  facts: Readonly<{ events: readonly Happened[]; coarse: ReadonlySet<string>; now: Date }>,
): RecordFate {
  const { now, coarse } = facts;
  const spec = record.collection === null ? undefined : catalog.collections.get(record.collection);
  const fate = {
    erase: [] as string[], coarsen: [] as string[], uses: [] as string[], attachments: false,
    dated: [] as { field: string; due: Date }[], awaiting: [] as { field: string; event: string }[],
  }; // prettier-ignore
  if (spec === undefined) {
    // no purpose is declared for any of it
    return { ...fate, whole: true, undeclared: record.undeclared };
  }
  const look = (field: string, of: typeof spec.attachments): void => {
    if (of === null) return;
    const order = orders.get(orderKey(spec.name, field));
    const found = fateOf(of, { times: record, events: facts.events, order });
    const over = found.due !== null && found.due <= now;
    if (found.due !== null) fate.dated.push({ field, due: found.due });
    for (const event of found.due === null ? found.awaits : []) fate.awaiting.push({ field, event });
    if (field === ATTACHMENTS) fate.attachments = over && found.action !== 'none';
    else if (over && found.action === 'erase') fate.erase.push(field);
    else if (over && found.action === 'coarsen' && !coarse.has(field)) fate.coarsen.push(field);
    if (!over || found.action === 'none')
      fate.uses.push(...endedUses(found, now, of.purposes, 'all').map((purpose) => `${field} ${purpose}`));
  };
  for (const field of record.fields) look(field, spec.fields.get(field) ?? null);
  if (record.attachments > 0) look(ATTACHMENTS, spec.attachments);
  const held = record.fields.length + record.undeclared.length + record.attachments;
  const filesGo = record.attachments === 0 || fate.attachments || spec.attachments === null;
  const whole = held > 0 && fate.erase.length === record.fields.length && filesGo;
  return {
    ...fate,
    attachments: fate.attachments || (record.attachments > 0 && filesGo),
    whole,
    undeclared: record.undeclared,
  };
}

/**
 * Purposes for which a field may not be used any more.
 * @param which `consent`: only those whose end is the subject's own word, or that say `stop-use`; they are stopped at once
 */
export function endedUses(
  fate: Fate,
  now: Date,
  purposes: readonly FieldPurpose[],
  which: 'all' | 'consent',
): string[] {
  return fate.ended.flatMap(({ purpose, at }) => {
    if (at > now) return [];
    const declared = purposes.find(({ id }) => id === purpose);
    const own = declared?.requiresConsent === true || declared?.retention.action === 'stop-use';
    return which === 'all' || own ? [purpose] : [];
  });
}

/** What of a record is to be done, one word each: `erase email`, `erase #12`, `coarsen born_on`, `stop`. */
export function actionsOf(fate: RecordFate, record: HeldRecord): string[] {
  if (record.collection === null) return ['erase *'];
  const due = new Set([...fate.erase, ...fate.coarsen, ...(fate.attachments ? [ATTACHMENTS] : [])]);
  const stops = fate.whole || sameUses(fate.uses, record.stopped, due) ? [] : ['stop'];
  return [
    ...fate.erase.map((field) => `erase ${field}`),
    ...fate.undeclared.map((number) => `erase #${number}`),
    ...(fate.attachments ? [`erase ${ATTACHMENTS}`] : []),
    ...fate.coarsen.map((field) => `coarsen ${field}`),
    ...stops,
  ];
}

/** Those that only a hold keeps are not of the rules: they stand while the field is due. */
function sameUses(wanted: readonly string[], stored: readonly string[], due: ReadonlySet<string>): boolean {
  const ours = stored.filter((use) => !(isOfHold(use) && due.has(use.split(' ')[0] as string)));
  return ours.length === wanted.length && wanted.every((use) => ours.includes(use));
}

export const isOfHold = (use: string): boolean => use.split(' ')[1] === '*';
