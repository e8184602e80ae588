/**
 * The slot that the log is read by. It is made before the snapshot that its segments join; when it is lost, or holds back
 * more of the log than the disk should bear, it is given up for a new one, loudly: that is a new time line.
 */
import type { Statements, Tx } from '#platform/db';
import { uuidv7 } from '#platform/ids';

import { PLANES, type TablePlane } from '../planes.ts';
import { allTables } from '../store/catalogue.ts';
import { createSlot, dropSlot, noteSlot, publish, published, readySlot, slotName, slotRow, slotState, type PublishedTable, type Publication } from '../store/slot.ts'; // prettier-ignore
import type { Db } from '#platform/db';
import { parseLsn } from './pgoutput.ts';
import type { ReadingNeeds } from './reading.ts';
import { SCHEMA } from './split.ts';

/** Where max_slot_wal_keep_size sets no limit, this does. */
const MAX_LAG_BYTES = 4 * 2 ** 30;

/** Makes it, or makes it anew. @returns false when somebody wrote for so long that it could not be made */
export async function keepSlot(
  { db, clock, onLost, maxLagBytes }: Pick<ReadingNeeds, 'db' | 'clock' | 'onLost' | 'maxLagBytes'>,
  tx: Tx,
): Promise<boolean> {
  const row = await slotRow(db);
  const name = await slotName(db);
  const state = await slotState(tx, name);
  const lost =
    row === null
      ? null
      : whyLost(row, name, state, maxLagBytes ?? (state?.limited === true ? Number.POSITIVE_INFINITY : MAX_LAG_BYTES));
  if (row !== null && lost === null) {
    if (row.ready_at === null) await readySlot(db);
    return true;
  }
  // one that nobody noted: who made it was killed, or it is of what this database was before
  if (state !== null) await dropSlot(tx, name);
  await publish(db, await publishedTables(db));
  const made = await tx
    .savepoint((part) => createSlot(part, name))
    .catch((thrown: unknown) => {
      if ((thrown as { code?: string }).code === '57014') return null;
      throw thrown;
    });
  if (made === null) return false;
  const { lsn, afterXid } = made;
  await noteSlot(db, { timeline: uuidv7(clock().getTime()), name, afterXid, lsn, because: lost });
  await readySlot(db);
  if (lost !== null) await onLost(lost);
  return true;
}

function whyLost(
  row: Readonly<{ name: string; read_lsn: string }>,
  name: string,
  state: Awaited<ReturnType<typeof slotState>>,
  maxLagBytes: number,
): string | null {
  if (row.name !== name) return 'this is another database than the one that was read';
  if (state === null) return 'PostgreSQL has no such slot any more';
  if (state.lost) return 'PostgreSQL gave its log up: it was not read for too long';
  if (parseLsn(state.confirmed) > parseLsn(row.read_lsn)) return 'somebody else read it, or made it anew';
  if (state.lagBytes > maxLagBytes) return `it held back ${Math.round(state.lagBytes / 2 ** 20)} MiB of the log`;
  return null;
}

/** After migrations, before anything is written to a new table. */
export async function refreshPublications(db: Db): Promise<void> {
  if (await published(db)) await publish(db, await publishedTables(db));
}

/** Of the keys only the rings: of what wraps them, and of migrations, no more than that there are some. */
async function publishedTables(db: Statements): Promise<Record<Publication, PublishedTable[]>> {
  const all = await allTables(db);
  // one that is in no plane stops the snapshots, loudly; what is declared goes on being read
  const whole = (plane: TablePlane): PublishedTable[] =>
    all
      .filter(({ table }) => PLANES.get(table) === plane)
      .map(({ table, columns }) => ({ table, columns, narrow: false }));
  const schema = { table: SCHEMA, columns: ['schema', 'number', 'name', 'sha256'], narrow: true };
  return {
    strongroom_data: [...whole('data'), schema],
    strongroom_key: [
      ...whole('key').filter(({ table }) => table === 'vault.keyrings'),
      { table: 'vault.epochs', columns: ['use', 'epoch'], narrow: true },
      { table: 'vault.identities', columns: ['name'], narrow: true },
    ],
  };
}
