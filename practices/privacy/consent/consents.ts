/** The ledger of consent as one object: what was said goes in, once, and holds at the next read of any server. */
import type { KeyObject } from 'node:crypto';

import { canonicalJson, type Audit, type AuditEvent } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId, subjectIdText, uuidv7, type SubjectId, type Uuid } from '#platform/ids';
import type { Catalog } from '#practices/collection';
import type { Vault } from '#practices/vault';

import { isDamage } from '../customer/missing.ts';
import { privacyFailure } from '../failures.ts';
import {
  appendEvents,
  lastSaidAt,
  expiredEvents,
  lockChain,
  standingOf,
  type HolderKind,
  type StoredEvent,
} from '../store/consents.ts';
import { eventHash } from './chain.ts';
import { createHistory, eventIdText, RECORD_USE, type History, type Recorded } from './history.ts';
import { consentRecord, type Controller, type ReceiptKey, type RecordParts } from './receipt.ts';
import {
  checkSaid,
  choiceOf,
  fieldsOnConsent,
  isLate,
  isRepeated,
  noteOf,
  notesOf,
  sharedForAds,
  type Choice,
  type ConsentState,
  type Said,
} from './said.ts';

export type Holder = Readonly<{ kind: 'subject'; id: SubjectId } | { kind: 'anonymous'; id: Uuid }>;
export type By = Readonly<{
  actor: AuditEvent['actor'];
  requestId?: string | undefined;
  /** Who stands behind a key, or is signed in. */
  person?: string | undefined;
}>;
export type SaidAsk = Readonly<{
  said: readonly Readonly<{
    purpose: string;
    said: Said;
    expiresAt?: Date | null;
    /** Of what was said elsewhere: passed over when something was said to it here at this moment or after. */
    since?: Date;
  }>[];
  /** The signal as the browser sent it: for each purpose that shares data for advertising. */
  gpc?: 'on' | 'off';
  shown: RecordParts['shown'];
  /** Leaves out what is a no already: for signals and links, which come again and again. */
  repeats?: 'keep' | 'skip';
}>;
export type PurposeState = Readonly<{
  purpose: string;
  title: string;
  description: string | null;
  choice: Exclude<Choice, 'none'>;
  state: ConsentState;
  /** Where it is about these fields alone, and the purpose itself goes on without them: keys of texts. */
  fields: readonly string[];
  /** Whether the purpose, or these fields for it, are served with the subject's data now. */
  used: boolean;
  since: string | null;
  expiresAt: string | null;
  sharedForAds: boolean;
}>;
export type RecordedAll = Readonly<{
  events: readonly Recorded[];
  auditIndex: bigint | null;
  /** Purposes that something was said to since. */
  late: readonly string[];
}>;
export type Consents = History & {
  /** @throws PRIVACY_PURPOSE_UNKNOWN, PRIVACY_NOT_OPTIONAL, PRIVACY_TOO_WIDE, PRIVACY_RECORD_INVALID, PRIVACY_SUBJECT_NOT_FOUND, PRIVACY_HOLDER_INVALID for the id of a subject as an anonymous one */
  record: (by: By, holder: Holder, ask: SaidAsk) => Promise<RecordedAll>;
  /**
   * In two halves, for who has a transaction of their own: what is sealed before it, and what is written in it.
   * The second throws `NothingNew` where nothing is: then that transaction has to end, unless the holder has a chain.
   */
  prepare: (by: By, holder: Holder, ask: SaidAsk) => Promise<(tx: Tx) => Promise<RecordedAll>>;
  /** Of every purpose that depends on what somebody says. */
  states: (holder: Holder) => Promise<readonly PurposeState[]>;
  /** Writes down which yeses have ended. @returns how many */
  expire: () => Promise<number>;
  /** The published key set. */
  keys: () => readonly Readonly<Record<string, string>>[];
};

export type ConsentNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  audit: Pick<Audit, 'appendIn'>;
  vault: Pick<Vault, 'sealFor' | 'openFor' | 'noteConsents' | 'consentTo' | 'isLiving'>;
  receipts: ReceiptKey;
  linkKey: KeyObject;
  controller: () => Controller;
  /** Where people find the privacy center. */
  center: () => string;
}>;

const SYSTEM: By = { actor: { kind: 'system', id: 'consent' } };
const EXPIRED_AT_ONCE = 200;
const NOTHING: RecordedAll = { events: [], auditIndex: null, late: [] };
export const holderText = ({ kind, id }: Holder): string =>
  kind === 'subject' ? subjectIdText(id) : publicId('anon', id);

export function createConsents(needs: ConsentNeeds): Consents {
  const { db, clock, catalog, audit, vault, receipts } = needs;
  const { asRecorded, ...history } = createHistory(needs);

  const seal = async (holder: Holder, plains: readonly Buffer[]): Promise<readonly Buffer[]> => {
    if (holder.kind === 'anonymous') return plains;
    try {
      return await vault.sealFor(holder.id, RECORD_USE, plains);
    } catch (thrown) {
      if (isFailure(thrown, 'VAULT_SUBJECT_NOT_FOUND')) throw privacyFailure('SUBJECT_NOT_FOUND', { cause: thrown });
      throw thrown;
    }
  };

  const wanted = ({ said, gpc }: SaidAsk): SaidAsk['said'] => [
    ...said,
    ...(gpc === undefined
      ? []
      : sharedForAds(catalog()).map(({ id }) => ({ purpose: id, said: `gpc_${gpc}` as const }))),
  ];

  const log = (tx: Tx, by: By, holder: Holder, events: readonly StoredEvent[]): Promise<{ index: bigint }> =>
    audit.appendIn(tx, {
      action: 'privacy.consent',
      actor: by.actor,
      ...(holder.kind === 'subject' ? { subjects: [holder.id] } : {}),
      outcome: 'done',
      detail: {
        said: events.map(({ what, purpose }) => `${what} ${purpose}`),
        events: events.map(({ eventId }) => eventIdText(eventId)),
        hashes: events.map(({ hash }) => hash.toString('hex')),
      },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });

  /** INVARIANT: what comes later has the later time, though the clock of another server be ahead: the last word holds by it. */
  const momentFor = async (holder: Holder): Promise<Date> => {
    const last = await lastSaidAt(db, holder.id);
    return new Date(Math.max(clock().getTime(), (last?.getTime() ?? 0) + 1));
  };

  const prepare: Consents['prepare'] = async (by, holder, ask) => {
    // said by their id as if by nobody, it would stand in their ledger and hold nowhere
    if (holder.kind === 'anonymous' && (await vault.isLiving(holder.id as SubjectId)))
      throw privacyFailure('HOLDER_INVALID');
    const at = await momentFor(holder);
    const parts = wanted(ask).map(({ purpose, said, expiresAt = null, since = null }) => {
      const spec = checkSaid(catalog(), purpose, said);
      if (said === 'given' && (ask.shown.text === null || (expiresAt !== null && expiresAt <= at)))
        throw privacyFailure('RECORD_INVALID');
      const id = uuidv7(at.getTime());
      const made = consentRecord(catalog(), {
        eventId: eventIdText(id), holder: holderText(holder), said, purpose: spec, at, expiresAt,
        recordedBy: by.actor.kind === 'subject' ? 'subject' : by.actor.id,
        shown: ask.shown, controller: needs.controller(), withdrawal: needs.center(),
      }); // prettier-ignore
      return { id, purpose, said, expiresAt, since, made };
    });
    if (parts.length === 0) return () => Promise.resolve(NOTHING);
    const sealed = await seal(holder, parts.map(({ made }) => Buffer.from(canonicalJson(made)))); // prettier-ignore
    return async (tx) => {
      const chain = await lockChain(tx, holder.id, holder.kind);
      // nor when they were erased
      if (holder.kind === 'anonymous' && chain.kind === 'subject') throw privacyFailure('HOLDER_INVALID');
      const repeatsSkipped = ask.repeats === 'skip' || ask.gpc === 'on';
      const looks = repeatsSkipped || parts.some(({ since }) => since !== null);
      // behind the lock: a no that is on its way at the same time is either here already, or comes after
      const heard = looks ? await standingOf(tx, holder.id) : [];
      const events: StoredEvent[] = [];
      const recorded: Recorded[] = [];
      const late: string[] = [];
      for (const [n, { id, purpose, said, expiresAt, since, made }] of parts.entries()) {
        if (since !== null && isLate(heard, purpose, said, since)) {
          late.push(purpose);
          continue;
        }
        if (repeatsSkipped && isRepeated(heard, purpose, said)) continue;
        const event = {
          holder: holder.id, seq: chain.seq + 1, eventId: id, what: said, purpose, at, expiresAt,
          record: sealed[n] as Buffer, prev: chain.hash,
        }; // prettier-ignore
        const hash = eventHash(event);
        events.push({ ...event, sealed: holder.kind === 'subject', hash });
        recorded.push(asRecorded(events.at(-1) as StoredEvent, made));
        [chain.seq, chain.hash] = [event.seq, hash];
      }
      if (events.length === 0) throw new NothingNew(late);
      await appendEvents(tx, events);
      await note(tx, holder, events);
      return { events: recorded, auditIndex: (await log(tx, by, holder, events)).index, late };
    };
  };
  const record: Consents['record'] = async (by, holder, ask) => {
    const put = await prepare(by, holder, ask);
    return transact(db, put).catch((thrown: unknown) => {
      if (thrown instanceof NothingNew) return { ...NOTHING, late: thrown.late };
      throw thrown;
    });
  };

  const note = async (tx: Tx, holder: Holder, events: readonly StoredEvent[]): Promise<void> => {
    if (holder.kind !== 'subject') return;
    const notes = events.flatMap(({ what, purpose, at, expiresAt }) => {
      const said = noteOf(what, at, expiresAt);
      return said === undefined ? [] : [[purpose, said] as const];
    });
    if (!(await vault.noteConsents(tx, holder.id, Object.fromEntries(notes))))
      throw privacyFailure('SUBJECT_NOT_FOUND');
  };

  /** Writes that one yes has ended; of who was erased, or whose keys are damaged, with an empty record, so that it is not found again. */
  const end = async (event: StoredEvent): Promise<boolean> => {
    const kind: HolderKind = event.sealed ? 'subject' : 'anonymous';
    const holder = { kind, id: event.holder } as Holder;
    const at = clock();
    const id = uuidv7(at.getTime());
    const plain = Buffer.from(canonicalJson({ record_id: eventIdText(id), ended: eventIdText(event.eventId) }));
    const sealed = await seal(holder, [plain]).catch((thrown: unknown) => {
      if (isFailure(thrown, 'PRIVACY_SUBJECT_NOT_FOUND') || isDamage(thrown)) return null;
      throw thrown;
    });
    return transact(db, async (tx) => {
      const chain = await lockChain(tx, event.holder, kind);
      const later = (await standingOf(tx, event.holder)).filter(
        (each) => each.purpose === event.purpose && each.seq > event.seq,
      );
      if (later.some(({ what }) => what !== 'gpc_off')) return false;
      const ended = {
        holder: event.holder, seq: chain.seq + 1, eventId: id, what: 'expired' as const, purpose: event.purpose, at,
        expiresAt: null, record: sealed?.[0] ?? Buffer.from('{}'), prev: chain.hash,
      }; // prettier-ignore
      const events = [{ ...ended, sealed: sealed !== null && event.sealed, hash: eventHash(ended) }];
      await appendEvents(tx, events);
      await log(tx, SYSTEM, holder, events);
      return true;
    });
  };

  return {
    record,
    prepare,
    states: async (holder) => {
      const events = await standingOf(db, holder.id);
      const notes = notesOf(events);
      const now = clock();
      return [...catalog().purposes.values()].flatMap((purpose): PurposeState[] => {
        const choice = choiceOf(catalog(), purpose);
        if (choice === 'none') return [];
        const state = vault.consentTo(notes, purpose.id, now);
        const last = events.findLast((each) => each.purpose === purpose.id && each.what !== 'gpc_off');
        const used = choice === 'consent' ? state === 'given' : choice === 'objection' && state !== 'withdrawn';
        return [{
          purpose: purpose.id, title: purpose.title, description: purpose.description, choice, state, used,
          since: last?.at.toISOString() ?? null, expiresAt: last?.expiresAt?.toISOString() ?? null,
          fields: fieldsOnConsent(catalog(), purpose), sharedForAds: purpose.sharedForAds === true,
        }]; // prettier-ignore
      });
    },
    ...history,
    expire: async () => {
      const faults: unknown[] = [];
      let count = 0;
      for (const event of await expiredEvents(db, clock(), EXPIRED_AT_ONCE))
        if (await end(event).catch((thrown: unknown) => void faults.push(thrown))) count += 1;
      // one that cannot be ended now keeps no other
      if (faults.length > 0) throw faults[0];
      return count;
    },
    keys: () => [receipts.jwk],
  };
}

/** Ends a transaction that turned out to have nothing to do. */
export class NothingNew extends Error {
  readonly late: readonly string[];
  constructor(late: readonly string[]) {
    super();
    this.late = late;
  }
}
