import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { subjectIdText, type SubjectId } from '#platform/ids';
import { starterDecide } from '#practices/access';

import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';
import type { PutItem } from './check-record.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

const fields = { last_name: 'Wunderlich' };
const about = (id: SubjectId): PutItem => ({ subject: { id: subjectIdText(id) }, fields });
const stored = async (): Promise<number> =>
  Number((await place.db<{ n: string }[]>`select count(*) as n from vault.records`)[0]?.n);

test('a batch is asked about for each of whom it is: one who may not be written about refuses all of it', async () => {
  const plain = await place.server();
  const known = (await putOne(plain, 'known', fields)).subjectId;
  const other = (await putOne(plain, 'other', fields)).subjectId;
  const starter = starterDecide();
  const asked: (SubjectId | undefined)[] = [];
  const vault = await place.server({
    decide: (ask) => {
      if (ask.action !== 'records.write') return starter(ask);
      asked.push(ask.subject);
const refused = ask.subject === other || ask.subject === undefined;
      return starter(refused ? { ...ask, actor: callerFor('auditor').actor } : ask);
    },
  }); // prettier-ignore
  const put = (...items: PutItem[]) => vault.put(callerFor('application'), { collection: 'customer', items, onDuplicate: 'reject' }); // prettier-ignore
  const before = await stored();

  for (const items of [
    [about(known), about(other)],
    [about(known), { fields }],
    [about(known), { subject: { externalId: 'decided-1' }, fields }],
    [about(known), { subject: { id: 'sub_none' }, fields }],
  ])
    await assert.rejects(put(...items), { code: 'VAULT_DENIED' });

  assert.equal(await stored(), before);
  asked.length = 0;
  await put(about(known), about(known));
  assert.deepEqual(asked, [known], 'once for each');
  const [row] = await place.db<
    { bytes: Buffer }[]
  >`select bytes from audit.entries order by index desc offset 1 limit 1`;
  assert.match(String(row?.bytes), /"vault\.records\.write".*"denied"|"denied".*"vault\.records\.write"/);
});
