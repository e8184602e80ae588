/** Settings of retention: proposed by one person, in force once another approved exactly them. */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { whoActs } from '#platform/two-people';

import { canonicalJson } from '../catalog-version.ts';
import { collectionFailure } from '../failures.ts';
import { approvedSettings, approveSettings, insertSettings, proposedSettings } from '../store/settings.ts';
import { eventBy, mustBeOneOfTwo, type ArePeople, type By } from './by.ts';

export type RetentionSettings = Readonly<{
  /** Scheduled plans are done without being asked, where nothing else wants an approval. */
  enforce: boolean;
  /** More subjects than this need two people. */
  twoPeopleAbove: number;
  /** Subjects in a second, at most. */
  perSecond: number;
  /** Hours between two scheduled plans. */
  everyHours: number;
}>;
export const FIRST_SETTINGS: RetentionSettings = {
  enforce: false,
  twoPeopleAbove: 100,
  perSecond: 200,
  everyHours: 24,
};

export type SettingsView = Readonly<{
  settings: RetentionSettings;
  proposed: Readonly<{ settings: RetentionSettings; hash: string; by: string; at: string }> | null;
}>;
export type Settings = {
  current: (db?: Statements) => Promise<RetentionSettings>;
  view: () => Promise<SettingsView>;
  propose: (by: By, settings: RetentionSettings) => Promise<SettingsView>;
  /** @throws COLLECTION_SETTINGS_INVALID, COLLECTION_SAME_PERSON, COLLECTION_PERSON_NEEDED */
  approve: (by: By, hash: string) => Promise<SettingsView>;
};

export function createSettings({
  db,
  audit,
  clock,
  arePeople,
}: Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; clock: () => Date; arePeople: ArePeople }>): Settings {
  const current = async (on: Statements = db): Promise<RetentionSettings> => ({
    ...FIRST_SETTINGS,
    ...(await approvedSettings(on))?.settings,
  });
  const view = async (): Promise<SettingsView> => {
    const row = await proposedSettings(db);
    const proposed = row && { settings: row.settings as unknown as RetentionSettings, hash: row.hash, by: row.proposed_by, at: row.proposed_at.toISOString() };
    return { settings: await current(), proposed };
  }; // prettier-ignore
  return {
    current,
    view,
    propose: async (by, settings) => {
      const at = clock();
      const id = uuidv7(at.getTime());
      // the id is in it: an approval is of this very proposal
      const hash = createHash('sha256').update(canonicalJson({ id, ...settings })).digest('hex'); // prettier-ignore
      await transact(db, async (tx) => {
        await insertSettings(tx, { settings_id: id, settings, hash, proposed_by: by.actor.id, proposed_who: whoActs(by.actor), proposed_at: at });
        await audit.appendIn(tx, { action: 'collection.retention.settings', ...eventBy(by), outcome: 'done', detail: { ...settings, hash, state: 'proposed' } });
      }); // prettier-ignore
      return view();
    },
    approve: async (by, hash) => {
      await transact(db, async (tx) => {
        const row = await proposedSettings(tx);
        if (row === null || row.hash !== hash) throw collectionFailure('SETTINGS_INVALID');
        await mustBeOneOfTwo(by, row.proposed_who, tx, arePeople);
        if (!(await approveSettings(tx, row.settings_id, { by: by.actor.id, at: clock() })))
          throw collectionFailure('SETTINGS_INVALID');
        await audit.appendIn(tx, { action: 'collection.retention.settings', ...eventBy(by), outcome: 'done', detail: { hash, state: 'approved' } });
      }); // prettier-ignore
      return view();
    },
  };
}
