/** Incidents through a whole server: anybody reports, two decide not to tell, who was faster wins, all of it stays. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { comeIn, twoSystems, type Answer, type CameIn, type Json, type TwoSystems } from './testing.ts';

const path = '/v1/education/incidents';
let both: TwoSystems;
let keys: Record<'security' | 'auditor' | 'support' | 'collector', string>;
let ann: CameIn;
let ben: CameIn;
let bill: CameIn;

before(async () => {
  both = await twoSystems();
  const of = async (role: string): Promise<string> => (await both.newKey(role)).key;
  keys = { security: await of('security'), auditor: await of('auditor'), support: await of('support'), collector: await of('collector') };
  const admin = await comeIn(both, both.systems[0].firstLink as string, { email: 'first@example.org', name: 'First' });
  const person = async (name: string, role: string): Promise<CameIn> => {
    const invited = await both.call('POST', '/v1/access/people', { cookie: admin.cookie, body: { email: `${name}@example.org`, name, roles: [role] } });
    assert.equal(invited.status, 201, JSON.stringify(invited.body));
    return comeIn(both, invited.body.token as string);
  };
  [ann, ben, bill] = [await person('ann', 'security'), await person('ben', 'dpo'), await person('bill', 'billing')];
}); // prettier-ignore
after(() => both.close());

const report = async (what = 'the phone of Mr Quillfeather is gone'): Promise<Json> => {
  const answer = await both.call('POST', path, { cookie: bill.cookie, body: { what, kind: 'lost-device' } });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
};
type Sends = Readonly<{ cookie?: string; key?: string; server?: number }>;
const get = async (id: string): Promise<Json> => (await both.call('GET', `${path}/${id}`, { cookie: ann.cookie })).body;
const change = async (id: string, body: object, by: Sends = { cookie: ann.cookie }): Promise<Answer> => {
  const version = 'version' in body ? body.version : (await get(id)).version;
  return both.call('POST', `${path}/${id}/timeline`, { ...by, body: { version, ...body } });
};
const well = async (id: string, body: object, by?: Sends): Promise<Json> => {
  const answer = await change(id, body, by);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};
const code = async (answer: Promise<Answer>): Promise<string> =>
  ((await answer).body.code as string | undefined) ?? 'done';

test('anybody who works here reports, is thanked with a number, and words are in no log and in no table as they are', async () => {
  const made = await report();
  assert.match(made.receipt as string, /^INC-\d{4}-[0-9A-Z]{8}$/);
  assert.match(made.says as string, /nothing is held against/);
  assert.equal((await both.call('POST', path, { key: keys.support, body: { what: 'x' } })).status, 201);
  assert.equal((await both.call('POST', path, { key: keys.collector, body: { what: 'x' } })).status, 403);
  assert.equal((await both.call('POST', path, { body: { what: 'x' } })).status, 401);
  for (const by of [{ cookie: bill.cookie }, { key: keys.support }]) for (const where of ['', '/register', `/${made.id as string}`]) assert.equal((await both.call('GET', `${path}${where}`, by)).status, 403);
  assert.equal((await change(made.id as string, { kind: 'note', text: 'x', version: 1 }, { key: keys.auditor })).status, 403);
  assert.equal((await both.call('POST', path, { cookie: bill.cookie, body: { what: 'x', happenedAt: '2999-01-01T00:00:00Z' } })).body.code, 'EDUCATION_INCIDENT_INVALID');

  const whole = await get(made.id as string);
  assert.equal(whole.timeline[0].text, 'the phone of Mr Quillfeather is gone');
  const rows = await both.fresh.db`select encode(sealed, 'escape') || detail::text as all from education.incident_events`;
  assert.ok(!JSON.stringify(rows).includes('Quillfeather'));
  const size = await both.systems[0].audit.size();
  assert.ok((await both.systems[0].audit.read(0, size)).every(({ bytes }) => !bytes.toString().includes('Quillfeather')));
  assert.ok((await both.entriesOf('education.incident.read')).some(({ detail }) => detail.incident === made.id), 'who read it is in the log');
  await assert.rejects(both.fresh.db`update education.incident_events set by = 'nobody'`, /evidence stays/);
  await assert.rejects(both.fresh.db`delete from education.incident_events`, /evidence stays/);
}); // prettier-ignore

test('of two officers who write at once, one is told that the other was faster; who read first does not overwrite', async () => {
  const id = (await report()).id as string;
  const at = (cookie: string, server: number, severity: string) => change(id, { kind: 'severity', severity, version: 1 }, { cookie, server });
  const answers = await Promise.all([at(ann.cookie, 0, 'high'), at(ben.cookie, 1, 'low')]);
  assert.deepEqual(answers.map(({ status }) => status).toSorted((a, b) => a - b), [200, 409]);
  const lost = answers.find(({ status }) => status === 409) as Answer;
  assert.deepEqual([lost.body.code, lost.body.version], ['EDUCATION_INCIDENT_CHANGED', 2]);
  const { version, timeline, severity } = await get(id);
  assert.deepEqual([version, timeline.length, severity], [2, 2, timeline[1].detail.severity]);
}); // prettier-ignore

test('not to notify takes reasons and two people: neither the same one, nor their key, nor nobody’s; forged and twice is refused', async () => {
  const id = (await report()).id as string;
  const propose = { kind: 'proposed', clock: 'gdpr-33', what: 'not-notify', text: 'encrypted and locked' };
  assert.equal((await change(id, { ...propose, text: undefined })).status, 400);
  assert.equal(await code(change(id, propose, { key: keys.security })), 'EDUCATION_TWO_PEOPLE', 'nobody stands behind the key');
  assert.equal(await code(change(id, { ...propose, clock: 'uk-gdpr-33' })), 'EDUCATION_INCIDENT_INVALID');
  const { version: seq } = await well(id, propose);
  assert.equal(await code(change(id, propose, { cookie: ben.cookie })), 'EDUCATION_DECISION_STATE', 'one at a time');
  const approve = (by: Sends, decision: unknown = seq) => change(id, { kind: 'approved', decision }, by);
  assert.equal(await code(approve({ cookie: ann.cookie })), 'EDUCATION_TWO_PEOPLE');
  assert.equal(await code(approve({ key: keys.security })), 'EDUCATION_TWO_PEOPLE');
  assert.equal(await code(approve({ cookie: ben.cookie }, 1)), 'EDUCATION_DECISION_NOT_FOUND', 'the report is no decision');
  assert.equal(await code(approve({ cookie: ben.cookie }, 999)), 'EDUCATION_DECISION_NOT_FOUND');
  assert.deepEqual((await get(id)).decisions[0].state, 'proposed');

  // what is known changes meanwhile: it was proposed on something else
  const times = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
  assert.equal((await both.call('POST', `${path}/${id}/scopes`, { cookie: ben.cookie, body: { actors: ['key_00000000000000000000000001'], ...times } })).status, 201);
  assert.equal(await code(approve({ cookie: ben.cookie })), 'EDUCATION_DECISION_STALE');
  await well(id, { kind: 'refused', decision: seq }, { cookie: ben.cookie });
  const { version } = await well(id, propose);
  const { body } = await both.call('GET', `${path}/${id}`, { cookie: ben.cookie });
  const at = (server: number) => change(id, { kind: 'approved', decision: version, version: body.version }, { cookie: ben.cookie, server });
  const twice = await Promise.all([code(at(0)), code(at(1))]);
  assert.deepEqual(twice.toSorted(), ['EDUCATION_INCIDENT_CHANGED', 'done']);
  assert.equal(await code(approve({ cookie: ben.cookie }, version)), 'EDUCATION_DECISION_STATE');
  const { decisions, clocks } = await get(id);
  assert.deepEqual([decisions.at(-1).state, decisions.at(-1).reasons, clocks[0].state], ['approved', 'encrypted and locked', 'not-needed']);
  assert.equal((await both.entriesOf('education.incident.approved')).length, 1);
}); // prettier-ignore

test('an incident goes through its phases with what each needs; the register has its facts, reasons and effects', async () => {
  const id = (await report()).id as string;
  const to = (phase: string, more: object = {}) => change(id, { kind: 'phase', to: phase, ...more });
  assert.equal(await code(to('notify')), 'EDUCATION_PHASE_REFUSED');
  assert.equal(await code(to('closed')), 'EDUCATION_PHASE_REFUSED', 'without words');
  await well(id, { kind: 'phase', to: 'contain' });
  await well(id, { kind: 'task', task: 'end-sessions' });
  assert.equal(await code(change(id, { kind: 'task', task: 'end-sessions' })), 'EDUCATION_INCIDENT_INVALID');
  await well(id, { kind: 'phase', to: 'scope' });
  assert.deepEqual((await to('decide')).body.missing, ['scope']);
  await both.call('POST', `${path}/${id}/scopes`, { cookie: ann.cookie, body: { actors: ['key_00000000000000000000000001'], from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' } });
  await well(id, { kind: 'phase', to: 'decide' });
  assert.deepEqual((await to('notify')).body.missing, ['decided']);
  await well(id, { kind: 'proposed', clock: 'gdpr-33', what: 'notify', text: 'a stranger has it' });
  assert.deepEqual((await to('recover')).body.missing, ['nobody']);
  await well(id, { kind: 'phase', to: 'notify' });
  assert.deepEqual((await to('recover')).body.missing, ['told']);
  assert.equal(await code(change(id, { kind: 'fact', fact: 'notified' })), 'EDUCATION_INCIDENT_INVALID', 'of which clock');
  assert.equal(await code(change(id, { kind: 'fact', fact: 'notified', clock: 'gdpr-33', happenedAt: '2999-01-01T00:00:00Z' })), 'EDUCATION_INCIDENT_INVALID');
  assert.equal(await code(change(id, { kind: 'clocks', clocks: ['gdpr-34'] })), 'EDUCATION_INCIDENT_INVALID', 'a clock is not taken out');
  await well(id, { kind: 'fact', fact: 'notified', clock: 'gdpr-33' });
  await well(id, { kind: 'phase', to: 'recover' });
  await well(id, { kind: 'phase', to: 'learn' });
  const closed = await well(id, { kind: 'phase', to: 'closed', text: 'devices lock after a minute now' });
  assert.deepEqual([closed.phase, closed.clocks[0].state], ['closed', 'told']);

  const { body } = await both.call('GET', `${path}/register`, { key: keys.auditor });
  const row = (body.incidents as Json[]).find((each) => each.id === id) as Json;
  assert.deepEqual([row.decisions[0].reasons, row.facts.length, row.effects.subjects, row.measures.length], ['a stranger has it', 2, 0, 1]);
  const draft = await both.call('GET', `${path}/${id}/notices/authority`, { cookie: ben.cookie });
  assert.deepEqual([draft.status, draft.body.subjects.approximately, draft.body.late, draft.body.reference], [200, 0, false, closed.receipt]);

  // page by page, each once
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page = (await both.call('GET', `${path}?limit=2${next === '' ? '' : `&before=${encodeURIComponent(next)}`}`, { key: keys.auditor })).body;
    seen.push(...(page.incidents as Json[]).map((each) => each.id as string));
    next = page.next as string | null;
  }
  assert.deepEqual(seen.toSorted(), (body.incidents as Json[]).map((each) => each.id as string).toSorted());
  assert.equal((await both.call('GET', `${path}?before=x`, { key: keys.auditor })).body.code, 'EDUCATION_INCIDENT_INVALID');

  const cli = await both.command(['incidents', 'clocks', id], { noun: 'education', key: keys.security });
  assert.match(cli.out, /gdpr-33 +told +due .*Z.*art\. 33\(1\)/s);
  const noted = await both.command(['incidents', 'note', id, 'found again', '--json'], { noun: 'education', key: keys.security });
  assert.equal((JSON.parse(noted.out) as Json).timeline.at(-1).text, 'found again', noted.err);
  const told = await both.command(['incidents', 'report', 'a mail went to the wrong person', '--kind', 'wrong-recipient'], { noun: 'education', key: keys.support });
  assert.match(told.out, /INC-\d{4}-/);
  assert.match((await both.command(['incidents'], { noun: 'education', key: keys.security })).out, /wrong-recipient[\s\S]*gdpr-33 +running +due .* 71 h left/);
}); // prettier-ignore
