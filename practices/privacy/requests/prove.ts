/**
 * Who asks, shown in proportion (proof.ts has the rules): what is needed is worked out anew whenever something would leave, from
 * what is held then.
 *
 * INVARIANT: nothing that shows it is kept, but its kind, when, and who of the staff looked.
 */
import { transact, type Db } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';
import type { Catalog, CollectionSpec } from '#practices/collection';
import type { Vault } from '#practices/vault';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { setProofNeeded, type RequestRow } from '../store/requests.ts';
import type { Desk, RequestView } from './desk.ts';
import { peopleIn, type Eyes } from './other-eyes.ts';
import { guards } from './shared.ts';
import {
  counts,
  fresh,
  isEnough,
  missing,
  needed,
  reached,
  withProof,
  type About,
  type Level,
  type Proof,
  type Saw,
} from './proof.ts';

export type Prove = {
  neededFor: (of: Pick<RequestRow, 'subject_id' | 'kind' | 'asker' | 'corrects'>) => Promise<Level>;
  /**
   * Before it is answered with a yes, or something of it goes out.
   * @param byLink to the mailbox that is held, with a code that is told another way: whoever opens it has shown the mailbox
   * @throws PRIVACY_PROOF_NEEDED
   */
  require: (row: RequestRow, byLink?: boolean) => Promise<void>;
  /** Whether it is as sure who asks as it has to be: of what needs nothing it always is. */
  isShown: (row: RequestRow) => Promise<boolean>;
  /** Whether who is signed in is given what is theirs. */
  isEnoughOf: (subjectId: SubjectId, proofs: readonly Proof[]) => Promise<boolean>;
  /** The same, before it goes to them. @throws PRIVACY_PROOF_NEEDED */
  requireOf: (subjectId: SubjectId, proofs: readonly Proof[]) => Promise<void>;
  /** Somebody of the staff has seen who it is. @throws PRIVACY_PROOF_SAME_EYES, PRIVACY_PROOF_SHOWS_NOTHING, PRIVACY_PERSON_NEEDED, PRIVACY_REQUEST_NOT_FOUND, PRIVACY_REQUEST_STATE */
  vouch: (by: By, id: string, saw: Saw) => Promise<RequestView>;
}; // prettier-ignore
export type ProveNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  desk: Desk;
  catalog: () => Catalog;
  vault: Pick<Vault, 'recordsOf'> & Readonly<{ corrections: Pick<Vault['corrections'], 'fieldsHeld'> }>;
}> &
  Eyes;

const PAGE = 500;

const specialIn = ({ fields }: CollectionSpec): ReadonlySet<string> =>
  new Set([...fields.values()].filter((each) => each.class === 'special').map(({ name }) => name));

/** Whoever may see it: what a role is shown does not say what is held. @param vault names of fields are read, and no value of them */
async function isSpecialHeld({ catalog, vault }: ProveNeeds, subjectId: SubjectId): Promise<boolean> {
  const collections = [...catalog().collections.values()].filter((each) => specialIn(each).size > 0 || each.attachments?.class === 'special');
  for (const collection of collections) {
    const special = specialIn(collection);
    if (collection.attachments?.class === 'special' && (await vault.recordsOf(subjectId, { after: null, limit: 1, which: 'with files', collection: collection.name })).length > 0) return true;
    let after: RecordId | null = null;
    do {
      const ids: RecordId[] = await vault.recordsOf(subjectId, { after, limit: PAGE, collection: collection.name });
      for (const { fields } of await vault.corrections.fieldsHeld(ids))
        for (const name of fields) if (special.has(name)) return true;
      after = ids.length === PAGE ? (ids.at(-1) ?? null) : null;
    } while (after !== null);
  }
  return false;
} // prettier-ignore

const refused = (proofs: readonly Proof[], about: About) =>
  privacyFailure('PROOF_NEEDED', {
    detail: `this needs the level "${needed(about)}", and "${reached(proofs, about)}" was reached`,
    extra: { needed: needed(about), reached: reached(proofs, about), missing: missing(proofs, about) },
  });

export function createProve(needs: ProveNeeds): Prove {
  const { db, clock, desk, arePeople } = needs;
  /** What still counts, each by whoever stands behind it. */
  const now = (row: RequestRow): Promise<readonly Proof[]> => peopleIn(fresh(row, clock()), db, needs);
  const aboutOf = async ({ subject_id, kind, asker, corrects }: Pick<RequestRow, 'subject_id' | 'kind' | 'asker' | 'corrects'>): Promise<About> => {
    const plain = { kind, asker, corrects, special: false };
    const special = { ...plain, special: true };
    // what is held is looked at where it makes a difference, and nowhere else
    return needed(plain) !== needed(special) && (await isSpecialHeld(needs, subject_id)) ? special : plain;
  }; // prettier-ignore
  const ownOf = (subjectId: SubjectId): Promise<About> => aboutOf({ subject_id: subjectId, kind: 'access', asker: 'subject', corrects: [] }); // prettier-ignore
  const requireLevel = (proofs: readonly Proof[], of: About): void => {
    if (!isEnough(reached(proofs, of), needed(of))) throw refused(proofs, of);
  };
  return {
    neededFor: async (of) => needed(await aboutOf(of)),
    require: async (row, byLink = false) => {
      const of = await aboutOf(row);
      await setProofNeeded(db, row.request_id, needed(of));
      const shown = await now(row);
      requireLevel(byLink ? withProof(shown, [{ means: 'mail-code', at: clock().toISOString() }]) : shown, of);
    },
    isShown: async (row) => {
      const of = await aboutOf(row);
      return isEnough(reached(await now(row), of), needed(of));
    },
    requireOf: async (subjectId, proofs) => requireLevel(proofs, await ownOf(subjectId)),
    isEnoughOf: async (subjectId, proofs) => {
      const of = await ownOf(subjectId);
      return isEnough(reached(proofs, of), needed(of));
    },
    vouch: async (by, id, saw) => {
      const looked = await now(await transact(db, (tx) => desk.found(tx, id)));
      await transact(db, async (tx) => {
        const row = await desk.found(tx, id);
        desk.requireMove(row, 'prove');
        const acting = { id: by.actor.id, person: by.person };
        const of = { ...row, special: false };
        if (!counts({ means: 'vouch', saw, at: '' }, of)) throw privacyFailure('PROOF_SHOWS_NOTHING');
        // what counts for nothing by now, since another asks or more is asked for, does not stand in the way of what does
        const before = [...fresh(row, clock()), ...looked].find((each) => each.by === whoActs(acting) && counts(each, of));
        const whyNot = await whyNotOneOfTwo(acting, before?.by ?? null, () => arePeople(tx));
        if (whyNot !== null) throw privacyFailure(whyNot === 'same person' ? 'PROOF_SAME_EYES' : 'PERSON_NEEDED');
        const proofs = withProof(row.proofs, [{ means: 'vouch', saw, by: whoActs(acting), at: clock().toISOString() }]);
        await desk.move(tx, by, row, 'prove', { proofs, ...guards(row, { asker: row.asker, proofs }, clock()) }, { means: 'vouch', saw });
      });
      return desk.shown(by, id);
    },
  };
} // prettier-ignore
