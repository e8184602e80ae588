/** A server of its own with the example's catalogue, a published notice, and customers who are signed in to the center. */
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openDb } from '#platform/db';
import { parseSubjectId, toBase32 } from '#platform/ids';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { ROOT, startServer, type Server } from '../world/server.ts';
import type { World } from '../world/world.ts';

export type Center = Readonly<{
  server: Server;
  room: Strongroom;
  /** The same center, in a process that has done nothing yet. */
  anew: () => Promise<Server>;
  /** A customer with so many records. @returns the cookie of their session */
  customer: (records: number) => Promise<string>;
  close: () => Promise<void>;
}>;

export async function openCenter(world: World, name: string): Promise<Center> {
  const home = await mkdtemp(join(tmpdir(), 'sr-bench-center-'));
  await mkdir(home, { recursive: true });
  await copyFile(join(ROOT, 'examples/catalog.yaml'), join(home, 'catalog.yaml'));
  const databaseUrl = await world.emptyDatabase(name);
  const server = await startServer({ home, databaseUrl });
  const db = openDb(databaseUrl, { connections: 2 });
  const room = createStrongroom({ url: server.url, key: await server.keyFor('application'), purpose: 'service.support' });
  const dpo = createStrongroom({ url: server.url, key: await server.keyFor('dpo') });
  // publishing takes a person, and none is here: the row is what publishing writes
  const { draft } = await dpo.notice.get();
  await db`
    insert into privacy.notices (hash, facts, texts, languages, published_at, published_by)
    values (${createHash('sha256').update(draft.factsHash).digest()}, ${JSON.stringify(draft.facts)}::text::jsonb, ${JSON.stringify({ en: draft.texts })}::text::jsonb, ${['en']}, now(), 'bench')`;
  let count = 0;
  let last = server;
  return {
    server,
    room,
    anew: async () => {
      await last.stop();
      last = await startServer({ home, databaseUrl });
      return last;
    },
    customer: async (records) => {
      count += 1;
      const fields = { last_name: 'Hopper', email: `grace-${count}@example.org`, city: 'Arlington' };
      const { subjectId } = await room.records.create({ collection: 'customer', fields });
      for (let left = records - 1; left > 0; left -= 500)
        await room.records.batch({
          collection: 'customer',
          // each its own, or the archive would be one record told ten thousand times
          records: Array.from({ length: Math.min(500, left) }, () => ({ subject: { id: subjectId }, fields: { ...fields, last_name: randomBytes(24).toString('base64url') } })),
        });
      // a session as the code of a mail gives one
      const token = `src_${toBase32(randomBytes(32))}`;
      await db`
        insert into privacy.sessions (hash, subject_id, proofs, expires_at)
        values (${createHash('sha256').update(token).digest()}, ${parseSubjectId(subjectId)}, '[{"means":"mail-code","at":"2026-01-01T00:00:00.000Z"}]', now() + interval '1 hour')`;
      return `strongroom-center=${token}`;
    },
    close: async () => {
      await db.end({ timeout: 5 });
      await last.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
} // prettier-ignore
