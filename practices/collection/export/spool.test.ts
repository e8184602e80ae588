/** What waits, on a database: more rows than a page, on the one connection that a run has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openDb } from '#platform/db';
import { uuidv7, type SubjectId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { addToSpool, countUnfit, createSpool, keepFitting, leavingRows } from '../store/spool.ts';
import { newRunKeys } from './spool.ts';
import { measureLines } from './verify.ts';

test('rows of many pages wait sealed, leave but for groups too small, twice in the same order, and are measured meanwhile', async () => {
  const fresh = await freshDatabase();
  const db = openDb(fresh.url, { connections: 1 });
  const keys = newRunKeys();
  const area = (n: number): string => (n < 995 ? `quarter ${n % 7}` : `alone ${n}`);
  try {
    await createSpool(db, uuidv7());
    for (let from = 0; from < 1000; from += 250)
      await addToSpool(
        db,
        Array.from({ length: 250 }, (_, at) => {
          const n = from + at;
          const cells = [area(n), n % 3];
          const subjectId = uuidv7() as SubjectId;
          return { order: BigInt((n * 7919) % 1000), person: keys.code('person', subjectId), quasi: keys.code('0/0', area(n)), sensitive: keys.code('s1', n % 3), sealed: keys.seal({ subjectId, cells }) };
        }),
      ); // prettier-ignore
    const looked =
      await db`select convert_from(decode(replace(encode(sealed || quasi || sensitive, 'hex'), '00', '01'), 'hex'), 'latin1') as text from export_rows`;
    for (const { text } of looked) assert.doesNotMatch(text as string, /quarter|alone/);
    const grouping = { parts: [0], sensitive: 1, k: 5, l: 3 };
    assert.equal(await countUnfit(db, grouping), 5);
    assert.equal(await countUnfit(db, { ...grouping, k: 143 }), 5 + 142 * 6, 'of 995 only one in seven groups has 143');
    assert.equal(await countUnfit(db, { ...grouping, l: 4 }), 1000);
    await keepFitting(db, grouping);

    const lines: string[] = [];
    const measured = await measureLines(db, { quasi: ['area'], sensitive: ['third'] }, (async function* () {
      for await (const rows of leavingRows(db, 100)) {
        const batch = rows.map(({ person, sealed }) => {
          const [cell, third] = keys.open(sealed).cells;
          return { person, line: JSON.stringify({ area: cell, third }) };
        });
        lines.push(...batch.map(({ line }) => line));
        yield batch;
      }
    })()); // prettier-ignore
    assert.deepEqual(measured, { rows: 995, groups: 7, k: 142, l: { third: 3 } });
    const again = (await Array.fromAsync(leavingRows(db, 300))).flat().map(({ sealed }) => keys.open(sealed).cells[0]);
    assert.deepEqual(again, lines.map((line) => (JSON.parse(line) as { area: string }).area)); // prettier-ignore
  } finally {
    await db.end();
    await fresh.close();
  }
});
