/** Export profiles: proposed by one person, usable once another approved exactly that one, until it is retired. */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whoActs } from '#platform/two-people';

import type { Catalog } from '../catalog.ts';
import { canonicalJson } from '../catalog-version.ts';
import { collectionFailure } from '../failures.ts';
import { eventBy, mustBeOneOfTwo, type ArePeople, type By } from '../retention/by.ts';
import {
  approveProfile,
  findProfile,
  insertProfile,
  isBudgetTaken,
  listProfiles,
  lockProfile,
  retireProfile,
  type ProfileRow,
} from '../store/exports.ts';
import { checkProfile, type Profile } from './profile.ts';

export type ProfileView = Readonly<{
  id: string;
  state: ProfileRow['state'];
  hash: string;
  proposedBy: string;
  proposedAt: string;
  approvedBy: string | null;
  approvedAt: string | null;
  profile: Profile;
}>;
export type Profiles = {
  /** @throws COLLECTION_EXPORT_PROFILE_INVALID */
  propose: (by: By, profile: Profile) => Promise<ProfileView>;
  /** @throws COLLECTION_EXPORT_PROFILE_STATE, COLLECTION_SAME_PERSON, COLLECTION_PERSON_NEEDED */
  approve: (by: By, id: string, hash: string) => Promise<ProfileView>;
  retire: (by: By, id: string) => Promise<ProfileView>;
  list: () => Promise<readonly ProfileView[]>;
  /** One that holds, and still fits the catalogue. @throws COLLECTION_EXPORT_PROFILE_STATE, COLLECTION_EXPORT_PROFILE_INVALID */
  usable: <Kind extends Profile['kind']>(id: string, kind: Kind) => Promise<Usable<Kind>>;
};
export type Usable<Kind extends Profile['kind']> = Readonly<{
  id: Uuid;
  hash: string;
  profile: Extract<Profile, { kind: Kind }>;
}>;
export type ProfilesNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  catalog: () => Catalog;
  arePeople: ArePeople;
}>;

export function createProfiles(needs: ProfilesNeeds): Profiles {
  const { db, audit, clock, catalog } = needs;
  const idOf = (text: string): Uuid => {
    const id = parsePublicId('exp', text);
    if (id === null) throw collectionFailure('NOT_FOUND');
    return id;
  };
  const change = async (by: By, id: string, what: string, work: (tx: Tx, row: ProfileRow) => Promise<void>): Promise<ProfileView> => {
    await transact(db, async (tx) => {
      const row = await lockProfile(tx, idOf(id));
      if (row === null) throw collectionFailure('NOT_FOUND');
      await work(tx, row);
      await audit.appendIn(tx, { action: `collection.export.${what}`, ...eventBy(by), outcome: 'done', detail: { profile: id, name: row.name, hash: row.hash } });
    });
    return viewOf((await findProfile(db, idOf(id))) as ProfileRow);
  }; // prettier-ignore
  return {
    propose: async (by, profile) => {
      checkProfile(catalog(), profile);
      const at = clock();
      const id = uuidv7(at.getTime());
      const { name, kind, purpose, recipient } = profile;
      // the id is in it: an approval is of this very proposal
      const hash = createHash('sha256').update(canonicalJson({ id, ...profile })).digest('hex'); // prettier-ignore
      await transact(db, async (tx) => {
        await insertProfile(tx, {
          profile_id: id, name, kind, recipient: recipient.name, purpose, profile, hash,
          proposed_by: by.actor.id, proposed_who: whoActs(by.actor), proposed_at: at,
        }); // prettier-ignore
        await audit.appendIn(tx, {
          action: 'collection.export.propose',
          ...eventBy(by),
          outcome: 'done',
          detail: { profile: publicId('exp', id), name, hash, recipient: recipient.name },
        });
      });
      return viewOf((await findProfile(db, id)) as ProfileRow);
    },
    approve: (by, id, hash) =>
      change(by, id, 'approve', async (tx, row) => {
        if (row.state !== 'proposed' || row.hash !== hash) throw collectionFailure('EXPORT_PROFILE_STATE');
        await mustBeOneOfTwo(by, row.proposed_who, tx, needs.arePeople);
        checkProfile(catalog(), row.profile as Profile);
        if (row.kind === 'counts' && (await isBudgetTaken(tx, row)))
          throw collectionFailure('EXPORT_PROFILE_STATE', { detail: 'another profile has the budget of this recipient and purpose' }); // prettier-ignore
        await approveProfile(tx, row, { by: by.actor.id, at: clock() });
      }),
    retire: (by, id) =>
      change(by, id, 'retire', async (tx, row) => {
        if (row.state === 'retired') throw collectionFailure('EXPORT_PROFILE_STATE');
        await retireProfile(tx, row.profile_id);
      }),
    list: async () => (await listProfiles(db)).map(viewOf),
    usable: async (id, kind) => {
      const row = await findProfile(db, idOf(id));
      if (row === null) throw collectionFailure('NOT_FOUND');
      if (row.state !== 'approved' || row.kind !== kind) throw collectionFailure('EXPORT_PROFILE_STATE', { extra: { state: row.state, kind: row.kind } }); // prettier-ignore
      checkProfile(catalog(), row.profile as Profile);
      return { id: row.profile_id, hash: row.hash, profile: row.profile as never };
    },
  };
}

const viewOf = (row: ProfileRow): ProfileView => ({
  id: publicId('exp', row.profile_id),
  state: row.state,
  hash: row.hash,
  proposedBy: row.proposed_by,
  proposedAt: row.proposed_at.toISOString(),
  approvedBy: row.approved_by,
  approvedAt: row.approved_at?.toISOString() ?? null,
  profile: row.profile as Profile,
});
