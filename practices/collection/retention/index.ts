/** Retention as one object: events, holds, plans and runs, the account of what went, the proof. */
import type { Mac } from '#platform/crypto';
import type { Gone, Going } from '#practices/vault';
import type { Tx } from '#platform/db';

import { forgetSubject } from '../store/events.ts';
import { forgetRecord } from '../store/runs.ts';
import { createEngine, runIdText, type Engine, type EngineNeeds } from './engine.ts';
import { createErasures, type Erasures } from './erasures.ts';
import { createEvents, type Events } from './events.ts';
import { createHolds, holding, type Holds } from './holds.ts';
import { createProve, type Prove } from './prove.ts';
import { createSettings, type Settings } from './settings.ts';

export type Retention = Readonly<{
  events: Events;
  holds: Holds;
  engine: Engine;
  erasures: Erasures;
  settings: Settings;
  prove: Prove;
  erasedSince: Erasures['erasedSince'];
}>;
export type RetentionNeeds = Omit<EngineNeeds, 'holds' | 'settings' | 'erasures' | 'runId'> &
  Readonly<{ mac: Mac; /** There is something to do. */ onWork: () => void }>;

export function createRetention(needs: RetentionNeeds): Retention {
  const { db, audit, clock, catalog, vault, arePeople } = needs;
  const erasures = createErasures(needs);
  const settings = createSettings({ db, audit, clock, arePeople });
  const late: { engine?: Engine } = {};
  const holds = createHolds({
    db,
    audit,
    clock,
    catalog,
    arePeople,
    isLiving: async (subjectId, tx) => (await vault.living([subjectId], tx)).size === 1,
    collectionOf: vault.collectionOf,
    onLifted: async () => {
      if (await late.engine?.planWhenDue()) needs.onWork();
    },
  });
  const whole = { ...needs, holds, settings, erasures, runId: runIdText };
  const engine = createEngine(whole);
  late.engine = engine;
  return {
    erasures,
    settings,
    holds,
    engine,
    events: createEvents(needs),
    prove: createProve(whole),
    erasedSince: erasures.erasedSince,
  };
}

/** What the vault asks and tells when it takes something away, in its own transaction. */
export function createKeepers(of: () => Pick<Retention, 'holds' | 'erasures'>): {
  held: (tx: Tx, going: Going) => Promise<readonly string[]>;
  gone: (tx: Tx, gone: Gone) => Promise<void>;
} {
  return {
    held: async (tx, going) => {
      const holds = await of().holds.standing(tx, [going.subjectId]);
      return [...new Set(holding(holds, going).map(({ matter }) => matter))];
    },
    gone: async (tx, gone) => {
      await of().erasures.note(tx, gone);
      if (gone.scope === 'subject') await forgetSubject(tx, gone.subjectId);
      else if (gone.scope === 'record')
        for (const { id } of gone.parts) await forgetRecord(tx, id.subjectId, id.recordNo);
    },
  };
}
