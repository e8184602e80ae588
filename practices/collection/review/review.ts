/**
 * The review of fields: what is held and nobody needs. Proposals have an owner and a deadline; one is kept, with a reason
 * and the day it is looked at again, or applied: then the catalogue is proposed without the field, and retention takes
 * away what is held of it, after an approval of its own.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import type { VaultRetention } from '#practices/vault';

import type { Catalog } from '../catalog.ts';
import { parseDay } from '../day.ts';
import { collectionFailure } from '../failures.ts';
import { eventBy, type By } from '../retention/by.ts';
import { newestWholePlan } from '../store/runs.ts';
import {
  addFieldUses, closeOthers, decideProposal, keepProposal, listProposals, lockProposal, orderField, reviewState,
  takeReview, usedSince, writtenSince, type ProposalRow,
} from '../store/review.ts'; // prettier-ignore
import { countUses } from './count-uses.ts';
import type { Edit } from './edit-catalog.ts';
import { propose, type FieldSample } from './propose.ts';

export type ProposalView = Readonly<{
  id: string;
  collection: string;
  field: string;
  kind: ProposalRow['kind'];
  suggests: ProposalRow['suggests'];
  evidence: Readonly<Record<string, string | number>>;
  owner: string;
  dueAt: string;
  overdue: boolean;
  state: ProposalRow['state'];
  reviewAt: string | null;
  history: readonly Readonly<Record<string, string>>[];
}>;
export type FieldView = Readonly<{
  collection: string;
  field: string;
  class: string;
  /** Records with a value, and all; by the newest plan of retention. */
  present: number;
  records: number;
  /** Values by the month their record is from. */
  ages: Readonly<Record<string, number>>;
  uses: readonly Readonly<{ purpose: string; clear: number; masked: number; last: string }>[];
  last: string | null;
}>;
export type Decision = Readonly<{ decision: 'keep' | 'apply'; reason: string; reviewBy?: string | undefined }>;
export type Review = {
  /** In the transaction that reads the log: names and numbers of it. */
  take: (tx: Tx, entries: readonly Buffer[]) => Promise<void>;
  fields: () => Promise<Readonly<{ since: string; fields: readonly FieldView[] }>>;
  proposals: () => Promise<readonly ProposalView[]>;
  /** Looks anew. @param days how far back */
  look: (days: number) => Promise<readonly ProposalView[]>;
  /** Once a day, on one server. */
  lookWhenDue: () => Promise<void>;
  /** @throws COLLECTION_NOT_FOUND, COLLECTION_PROPOSAL_STATE, COLLECTION_PROPOSAL_INVALID */
  decide: (by: By, id: string, decision: Decision) => Promise<ProposalView & { version: string | null }>;
};
export type ReviewNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  catalog: () => Catalog;
  vault: Pick<VaultRetention, 'sample'>;
  /** Proposes the catalogue with this edit, for another to approve. @returns the version, or null where it changes nothing */
  proposeEdit: (by: By, edit: Edit, note: string) => Promise<string | null>;
}>;

const DAY_MS = 86_400_000;
export const USUAL_DAYS = 90;
const DEADLINE_DAYS = 30;
const SAMPLED = 500;

export function createReview(needs: ReviewNeeds): Review {
  const { db, audit, clock, catalog } = needs;
  const proposals = async (): Promise<ProposalView[]> =>
    (await listProposals(db)).map((row) => viewProposal(row, clock()));
  const look = async (days: number): Promise<ProposalView[]> => {
    const now = clock();
    const since = new Date(now.getTime() - days * DAY_MS);
    const watched = (now.getTime() - (await reviewState(db)).since.getTime()) / DAY_MS;
    const samples = new Map<string, FieldSample>();
    for (const collection of catalog().collections.keys())
      samples.set(collection, await needs.vault.sample(collection, SAMPLED));
    const numbers = {
      days, watchedDays: watched, samples, used: await usedSince(db, since), written: await writtenSince(db, since),
      present: (await newestWholePlan(db))?.plan.present ?? {},
    }; // prettier-ignore
    const found = propose(catalog(), numbers);
    await transact(db, async (tx) => {
      for (const each of found) {
        const spec = catalog().collections.get(each.collection);
        const owner = spec?.fields.get(each.field)?.owner ?? spec?.owner ?? '';
        await keepProposal(tx, { ...each, proposal_id: uuidv7(now.getTime()), owner, due_at: new Date(now.getTime() + DEADLINE_DAYS * DAY_MS), made_at: now }); // prettier-ignore
      }
      await closeOthers(tx, found.map(({ collection, field, kind }) => `${collection} ${field} ${kind}`)); // prettier-ignore
      await audit.appendIn(tx, { action: 'collection.review.look', actor: { kind: 'system', id: 'review' }, outcome: 'done', detail: { days, found: found.length } }); // prettier-ignore
    });
    return proposals();
  };
  return {
    take: async (tx, entries) => {
      const { uses, written } = countUses(entries);
      await addFieldUses(tx, uses, written);
    },
    fields: async () => {
      const state = await reviewState(db);
      const used = await usedSince(db, new Date(0));
      const plan = (await newestWholePlan(db))?.plan;
      const ages = new Map<string, Record<string, number>>();
      for (const [name, count] of Object.entries(plan?.ages ?? {})) {
        const at = name.lastIndexOf(' ');
        const key = name.slice(0, at);
        ages.set(key, { ...ages.get(key), [name.slice(at + 1)]: count });
      }
      const fields = [...catalog().collections.values()].flatMap((spec) =>
        [...spec.fields.values()].map((field): FieldView => {
          const key = `${spec.name} ${field.name}`;
          const uses = used.filter((use) => use.collection === spec.name && use.field === field.name)
            .map(({ purpose, clear, masked, last }) => ({ purpose, clear, masked, last })); // prettier-ignore
          return {
            collection: spec.name, field: field.name, class: field.class, records: plan?.present[spec.name] ?? 0, present: plan?.present[key] ?? 0,
            ages: ages.get(key) ?? {}, uses, last: uses.map(({ last }) => last).toSorted((a, b) => (a < b ? 1 : -1))[0] ?? null,
          }; // prettier-ignore
        }),
      );
      return { since: state.since.toISOString(), fields };
    },
    proposals,
    look,
    lookWhenDue: async () => {
      const now = clock();
      if (await transact(db, (tx) => takeReview(tx, now, new Date(now.getTime() - DAY_MS)))) await look(USUAL_DAYS);
    },
    decide: async (by, id, { decision, reason, reviewBy }) => {
      const proposalId = parsePublicId('prop', id);
      if (proposalId === null) throw collectionFailure('NOT_FOUND');
      const reviewAt = reviewBy === undefined ? null : parseDay(reviewBy);
      if (decision === 'keep' && (reviewAt === null || !(reviewAt > clock())))
        throw collectionFailure('PROPOSAL_INVALID');
      // the catalogue first: where it cannot be proposed, nothing is ordered; a version whose proposal somebody else decided meanwhile is only one to turn down
      const asked = await transact(db, (tx) => openProposal(tx, proposalId));
      const version =
        decision === 'apply'
          ? await needs.proposeEdit(by, editOf(catalog(), asked), `review of fields: ${asked.kind}`)
          : null;
      const row = await transact(db, async (tx) => {
        const held = await openProposal(tx, proposalId);
        const { collection, field, kind, suggests } = held;
        const at = clock();
        const line = { at: at.toISOString(), by: by.actor.id, decision, reason };
        await decideProposal(tx, proposalId, { state: decision === 'keep' ? 'kept' : 'applied', reviewAt, line });
        if (decision === 'apply' && suggests !== 'narrow') await orderField(tx, { collection, field, action: suggests, at, proposalId });
        await audit.appendIn(tx, { action: 'collection.review.decide', ...eventBy(by), outcome: 'done', detail: { proposal: id, collection, field, kind, decision } });
        return held;
      }); // prettier-ignore
      const [now] = (await proposals()).filter((each) => each.id === id);
      return { ...(now ?? viewProposal(row, clock())), version };
    },
  };
}

/** Locked. @throws COLLECTION_NOT_FOUND, COLLECTION_PROPOSAL_STATE */
async function openProposal(tx: Tx, id: Uuid): Promise<ProposalRow> {
  const row = await lockProposal(tx, id);
  if (row === null) throw collectionFailure('NOT_FOUND');
  if (row.state !== 'open') throw collectionFailure('PROPOSAL_STATE', { detail: `the proposal is ${row.state}` });
  return row;
}

function editOf(catalog: Catalog, { collection, field, suggests, evidence }: ProposalRow): Edit {
  const spec = catalog.collections.get(collection)?.fields.get(field);
  const kept = String(evidence.purpose ?? '');
  const legal = (spec?.purposes ?? []).flatMap(({ id }) => (id === 'legal' || id.startsWith('legal.') ? [id] : []));
  // what was read under a purpose may be declared for a wider one
  const own = (spec?.purposes ?? []).flatMap(({ id }) => (kept === id || kept.startsWith(`${id}.`) ? [id] : []));
  return { collection, field, does: suggests, type: spec?.type ?? '', purposes: [...own, ...legal] };
}

function viewProposal(row: ProposalRow, now: Date): ProposalView {
  return {
    id: publicId('prop', row.proposal_id),
    collection: row.collection,
    field: row.field,
    kind: row.kind,
    suggests: row.suggests,
    evidence: row.evidence,
    owner: row.owner,
    dueAt: row.due_at.toISOString(),
    overdue: row.state === 'open' && row.due_at < now,
    state: row.state,
    reviewAt: row.review_at?.toISOString().slice(0, 10) ?? null,
    history: row.history,
  };
}
