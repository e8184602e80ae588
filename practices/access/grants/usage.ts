/**
 * What nobody needed: permissions of the matrix against what the audit log says was done under them.
 *
 * 30 days unused is a hint, 60 a task of the role's owner; after 90 a permission should be one that is asked for. The
 * policies themselves are changed by people (policy-versions.ts): this says which.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';

import type { PolicyVersions } from '../policy-versions.ts';
import { activeVersion } from '../store/policies.ts';
import {
  addUsage,
  findUnused,
  holdCursor,
  moveCursor,
  readCursor,
  setPermitted,
  type HolderUsed,
  type Permitted,
  type Used,
} from '../store/usage.ts';
import { pastQuestion } from '../what-if.ts';

export type Unused = Readonly<{
  role: string;
  /** Who answers for the role. */
  owner: string;
  action: string;
  dataClass: string;
  purpose: string;
  outcome: 'clear' | 'masked';
  since: string;
  last: string | null;
  count: number;
  days: number;
  stage: 'hint' | 'task' | 'convert';
}>;
export type Usage = {
  /** Takes in what the log has since the last time. @returns entries looked at; 0 when there is no more */
  fold: () => Promise<number>;
  unused: () => Promise<Unused[]>;
};
export type UsageNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'read' | 'size'>;
  policies: PolicyVersions;
  /** Others that count what the log tells of, in the same transaction: the log is read once. */
  also?: (tx: Tx, entries: readonly Buffer[]) => Promise<void>;
}>;

const PAGE = 1000;
const HINT_DAYS = 30;
const TASK_DAYS = 60;
const CONVERT_DAYS = 90;

export function createUsage({ db, audit, policies, also }: UsageNeeds): Usage {
  const permittedNow = async (): Promise<Permitted[]> => {
    const { cells } = await policies.everyDay('active');
    // one for all settings of other facts (where from, when, how proven): the widest that is permitted in one of them
    const widest = new Map<string, Permitted>();
    for (const { role, action, purpose, dataClass, outcome } of cells.values()) {
      if (dataClass === null || (outcome !== 'clear' && outcome !== 'masked')) continue;
      const key = [role, action, purpose, dataClass].join(' ');
      if (widest.get(key)?.outcome !== 'clear') widest.set(key, { role, action, purpose, class: dataClass, outcome });
    }
    return [...widest.values()];
  };
  return {
    fold: async () => {
      const version = await activeVersion(db);
      // written down before anything is locked: it takes seconds
      const permitted = (await readCursor(db)).policy_version === version ? null : await permittedNow();
      return transact(db, async (tx) => {
        const cursor = await holdCursor(tx);
        const from = Number(cursor.next);
        const entries = await audit.read(from, Math.min(from + PAGE, await audit.size()));
        const { used, holders } = countUse(entries.map(({ bytes }) => bytes));
        await addUsage(tx, used, holders);
        await also?.(tx, entries.map(({ bytes }) => bytes)); // prettier-ignore
        if (permitted !== null) await setPermitted(tx, permitted);
        await moveCursor(tx, from + entries.length, permitted === null ? cursor.policy_version : version);
        return entries.length;
      });
    },
    unused: async () => {
      const { roles } = (await policies.get('active')).document;
      return (await findUnused(db, HINT_DAYS)).map(({ class: dataClass, n, since, last, ...row }) => ({
        ...row,
        dataClass,
        owner: roles[row.role]?.owner ?? '',
        count: Number(n),
        since: since.toISOString(),
        last: last?.toISOString() ?? null,
        stage: row.days >= CONVERT_DAYS ? 'convert' : row.days >= TASK_DAYS ? 'task' : 'hint',
      }));
    },
  };
}

/** Reads that were done; what was refused used nothing. */
function countUse(entries: readonly Buffer[]): { used: Used[]; holders: HolderUsed[] } {
  const used = new Map<string, Used>();
  const holders = new Map<string, HolderUsed>();
  for (const bytes of entries) {
    const entry = readEntry(bytes);
    const question = entry === null || entry.outcome !== 'done' ? null : pastQuestion(entry);
    if (entry === null || question === null) continue;
    const { role, action, purpose } = question;
    for (const dataClass of question.classes) {
      const key = [role, action, dataClass, purpose].join(' ');
      const n = (used.get(key)?.n ?? 0) + 1;
      used.set(key, { role, action, class: dataClass, purpose, last: entry.ts, n });
    }
    const key = `${entry.actor.id} ${role}`;
    holders.set(key, { holder: entry.actor.id, role, last: entry.ts, n: (holders.get(key)?.n ?? 0) + 1 });
  }
  return { used: [...used.values()], holders: [...holders.values()] };
}

/** An entry that is no JSON was tampered with: `audit verify` says so. */
function readEntry(bytes: Buffer): { outcome: string; ts: string; actor: { id: string } } | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as { outcome: string; ts: string; actor: { id: string } };
  } catch {
    return null;
  }
}
