/** What is used, written down once a minute: no request waits for it, and people look at it by the day. */
import type { Db } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Actor } from './decide.ts';
import { noteUses } from './store/keys.ts';
import { addUsage } from './store/usage.ts';

export type Uses = Readonly<{
  key: (id: Uuid) => void;
  /** A person did something in their role that is not in the log's entries of reads. */
  acts: (actor: Actor) => void;
  note: () => Promise<void>;
}>;

export function createUses(db: Db): Uses {
  const keys = new Set<Uuid>();
  const acting = new Map<string, Readonly<{ holder: string; role: string }>>();
  return {
    key: (id) => void keys.add(id),
    acts: ({ session, id, role }) => {
      if (session !== undefined) acting.set(`${id} ${role}`, { holder: id, role });
    },
    note: async () => {
      const [ids, holders] = [[...keys], [...acting.values()]];
      keys.clear();
      acting.clear();
      const last = new Date().toISOString();
      if (ids.length > 0) await noteUses(db, ids);
      if (holders.length > 0) await addUsage(db, [], holders.map((each) => ({ ...each, last, n: 1 }))); // prettier-ignore
    },
  };
}
