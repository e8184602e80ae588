/** What a playbook ordered is done once, within its limit, and not once it is switched off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSubjectId, publicId, uuidv7 } from '#platform/ids';

import type { Json } from './testing.ts';
import type { Running } from './traffic.test.ts';

export function ordersHaveLimits(given: () => Running): void {
  test('an order that comes twice is one measure, and a case that goes on uses up nobody else’s limit', async () => {
    const { two, keys, security, customer, until, read, caseAbout } = given();
    const { db } = two.fresh;
    const { measures } = two.systems[0].traffic;
    const id = uuidv7();
    const by = { actor: { kind: 'system', id: 'traffic' }, address: '' } as const;
    const order = { kind: 'throttle', target: keys.support.id, seconds: 600, reason: 'x', caseId: null, id } as const;
    const [first, again] = [await measures.take(by, order), await measures.take(by, order)];
    assert.deepEqual([again.id, again.until], [first.id, first.until]);
    assert.equal((await two.entriesOf('traffic.measure.take')).filter(({ detail }) => detail.measure === first.id).length, 1);
    await measures.end({ ...by, actor: { kind: 'staff', id: 'per_1' } }, first.id);

    const playbook = { rule: 'behaviour.honey-record', severity: 'high', action: 'throttle', seconds: 3600, mode: 'on', perHour: 2 };
    const twice = { ...playbook, id: publicId('pbk', uuidv7()) };
    assert.equal((await security('PUT', 'playbooks', { playbooks: [twice, twice] })).body.code, 'TRAFFIC_PLAYBOOK_TWICE');
    // two people save at once: one of both holds, not the sum
    const both = await Promise.all([0, 1].map((server) => security('PUT', 'playbooks', { playbooks: [playbook, { ...playbook, mode: 'shadow' }] }, server)));
    assert.deepEqual(both.map(({ status }) => status), [204, 204]);
    assert.equal(((await security('GET', 'playbooks')).body.playbooks as Json[]).length, 2);
    const planted = await customer();
    assert.equal((await security('POST', 'honey', { subjectId: planted.subjectId, note: 'x' })).status, 201);
    const thieves = [await two.newKey('application'), await two.newKey('application')];
    await until('this server knows', async () => two.systems[0].traffic.honey.isHoney(parseSubjectId(planted.subjectId) as never));
    for (let n = 0; n < 4; n += 1) await read(planted.id, thieves[0]?.key);
    const of = async (thief: { id: string } | undefined, n: number): Promise<string> => {
      const found = await caseAbout(`key ${thief?.id}`);
      await until('its alerts', async () => ((await security('GET', `cases/${found.id}`)).body.alerts as number) >= n);
      return String(found.id);
    };
    const noisy = await of(thieves[0], 4);
    await read(planted.id, thieves[1]?.key);
    const other = await of(thieves[1], 1);
    for (const id of [noisy, other]) {
      const whole = await until('it to be done', async () => {
        const { body } = await security('GET', `cases/${id}`);
        return (body.steps as Json[]).some(({ kind }) => kind === 'done') && body;
      });
      assert.deepEqual((whole.steps as Json[]).map(({ kind }) => kind).toSorted((a: string, b: string) => (a < b ? -1 : 1)), ['action', 'done', 'shadow'], id);
    }
    // what was only watched acts once it is on, though it has said what it would have done
    const shadow = ((await security('GET', 'playbooks')).body.playbooks as Json[]).find(({ mode }) => mode === 'shadow');
    assert.equal((await security('PUT', 'playbooks', { playbooks: [{ ...shadow, mode: 'on' }] })).status, 204);
    await db`update traffic.measures set ended_at = now() where ended_at is null`;
    await Promise.all(two.systems.map(({ traffic }) => traffic.refresh()));
    await read(planted.id, thieves[1]?.key);
    await until('it to act', async () => {
      const { body } = await security('GET', `cases/${other}`);
      return (body.steps as Json[]).filter(({ kind }) => kind === 'action').length === 2;
    });
    assert.equal((await security('PUT', 'playbooks', { playbooks: [] })).status, 204);
    await db`update traffic.measures set ended_at = now() where ended_at is null`;
  }); // prettier-ignore

  test('what a playbook ordered is not done once it is switched off, and who saves what another one changed meanwhile is told', async () => {
    const { two, security, customer, until, read, caseAbout } = given();
    const { db } = two.fresh;
    const playbook = { rule: 'behaviour.honey-record', severity: 'high', action: 'throttle', seconds: 3600, mode: 'on', perHour: 9 };
    const { body: empty } = await security('GET', 'playbooks');
    assert.equal((await security('PUT', 'playbooks', { playbooks: [playbook], version: empty.version })).status, 204);
    const late = await security('PUT', 'playbooks', { playbooks: [], version: empty.version }, 1);
    assert.deepEqual([late.status, late.body.code], [409, 'TRAFFIC_PLAYBOOKS_CHANGED']);
    const { body: held } = await security('GET', 'playbooks');
    assert.equal(held.playbooks.length, 1, 'nothing was changed');

    await db.unsafe(`
    create function pg_temp_late() returns trigger language plpgsql as $$ begin new.due_at := now() + interval '1 hour'; return new; end $$;
    create trigger late before insert on traffic.deliveries for each row when (new.channel = 'action') execute function pg_temp_late()`);
    const planted = await customer();
    await security('POST', 'honey', { subjectId: planted.subjectId, note: 'x' });
    await until('this server knows', async () => two.systems[0].traffic.honey.isHoney(parseSubjectId(planted.subjectId) as never));
    const thief = await two.newKey('application');
    await read(planted.id, thief.key);
    const { id } = await caseAbout(`key ${thief.id}`);
    const steps = async (): Promise<Json[]> => (await security('GET', `cases/${String(id)}`)).body.steps as Json[];
    await until('it is ordered', async () => (await steps()).some(({ kind }) => kind === 'action'));
    await db.unsafe('drop function pg_temp_late() cascade');
    const off = { playbooks: [{ ...held.playbooks[0], mode: 'off' }], version: held.version };
    assert.equal((await security('PUT', 'playbooks', off)).status, 204);
    await db`update traffic.deliveries set due_at = now() where channel = 'action'`;
    const said = await until('the case says so', async () => (await steps()).find(({ kind }) => kind === 'failed'));
    assert.match(said.note, /no longer on/);
    assert.equal((await read(planted.id, thief.key)).status, 200, 'it is not slowed down');
    assert.equal((await security('PUT', 'playbooks', { playbooks: [] })).status, 204);
  }); // prettier-ignore
}
