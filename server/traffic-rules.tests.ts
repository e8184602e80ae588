/** Rules of one’s own, and who may not decide about them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { publicId, uuidv7 } from '#platform/ids';
import { transact } from '#platform/db';

import type { Json } from './testing.ts';
import type { Running } from './traffic.test.ts';

export function rulesAreDecided(of: () => Running): void {
  test('a rule of one’s own: taught where it is wrong, tried on what was, run, switched off; shipped ones are not replaced', async () => {
    const { security, two, keys, caseAbout, until } = of();
    const rule = (level: string): string => `title: The shop is probed
id: 7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e11
logsource:
  category: webserver
detection:
  selection:
    cs-user-agent: probe-of-mine
  condition: selection
level: ${level}
`;
    const bad = await security('POST', 'rules', { text: rule('low').replace('condition: selection', 'condition: selektion') });
    assert.equal(bad.body.code, 'TRAFFIC_RULE_MALFORMED', JSON.stringify(bad.body));
    const put = await security('POST', 'rules', { text: rule('high') });
    assert.equal(put.status, 201, JSON.stringify(put.body));
    const lines = ['198.51.100.20 - - [26/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 404 12 "-" "probe-of-mine"'];
    await two.call('POST', '/v1/traffic/feeds/shop', { key: keys.engineer.key, body: { format: 'access-log', lines } });
    const found = await caseAbout('address 198.51.100.20');
    assert.deepEqual([found.title, found.severity, found.state], ['The shop is probed', 'high', 'open']);
    assert.equal((await security('PUT', `rules/${put.body.id}/state`, { state: 'off', reason: 'seen' })).status, 204);
    const { body } = await security('GET', 'rules');
    const listed = (body.rules as Json[]).find(({ id }) => id === put.body.id) as Json;
    assert.deepEqual([listed.state, listed.because, listed.own, listed.alerts], ['off', 'seen', true, 1]);
    assert.equal((await security('DELETE', `rules/${put.body.id}`)).status, 204);

    // one that would alert of nearly everything waits, until a person says that it is meant
    const id = '2b1c4f0e-8d3a-4b55-9c1e-6a7f0d2e3b44';
    const broad = rule('low').replace('7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e11', id).replace('cs-user-agent: probe-of-mine', 'cs-method|exists: true');
    assert.equal((await security('POST', 'rules', { text: broad })).status, 201);
    const ask = (n: number) => two.call('POST', '/v1/traffic/feeds/shop', { key: keys.engineer.key, body: { format: 'access-log', lines: [lines[0]?.replace('.20 ', `.${n} `).replace('"GET / ', `"GET /${n} `)] } });
    const stateOf = async () => ((await security('GET', 'rules')).body.rules as Json[]).find((each) => each.id === id)?.state;
    await ask(21);
    await until('it to be suspended', async () => (await stateOf()) === 'suspended');
    // a round of the other server that began before is in the middle of it
    const late = two.systems[1].traffic.rules;
    await late.detector();
    // what is as it was when the round began is suspended, whatever a person once said of it
    await two.fresh.db`update traffic.rules set state = 'on', reason = 'meant' where rule = ${id}`;
    await transact(two.fresh.db, late.noteSuspended);
    assert.equal(await stateOf(), 'suspended');
    await late.detector();
    assert.equal((await security('PUT', `rules/${id}/state`, { state: 'on', reason: 'a day of listening' })).status, 204);
    await transact(two.fresh.db, late.noteSuspended);
    assert.equal(await stateOf(), 'on', 'what a person decided meanwhile stands');
    await ask(22);
    await caseAbout('address 198.51.100.22');
    assert.equal(await stateOf(), 'on');
    assert.equal((await security('DELETE', `rules/${id}`)).status, 204);
  }); // prettier-ignore

  test('nobody decides what is about themselves, and nobody who may not switch a rule off silences it for all', async () => {
    const { two, keys, security } = of();
    const { db } = two.fresh;
    const [mine, hers] = [uuidv7(), uuidv7()];
    for (const [id, about] of [[mine, `key ${keys.engineer.id}`], [hers, `key ${keys.support.id}`]] as const)
      await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at)
        values (${id}, ${about}, 'made', 4, 'open', ${db.json({ key: about.slice(4) })}, '{}', '{behaviour.volume}', 0, 0, now(), now())`;
    const engineer = (method: string, path: string, body: object) => two.call(method, `/v1/traffic/${path}`, { key: keys.engineer.key, body });
    const quiet = { rule: 'behaviour.volume', days: 90, reason: 'x' };
    for (const [path, body] of [
      [`cases/${publicId('case', mine)}/take`, {}],
      [`cases/${publicId('case', mine)}/close`, { verdict: 'benign', note: 'it was me' }],
      ['suppressions', { ...quiet, about: `key ${keys.engineer.id}` }],
    ] as const)
      assert.equal((await engineer('POST', path, body)).body.code, 'TRAFFIC_OWN_CASE', path);
    assert.equal((await engineer('POST', 'suppressions', quiet)).body.code, 'ACCESS_DENIED', 'of everybody: the rule is off');
    assert.equal((await engineer('POST', 'suppressions', { ...quiet, about: `key ${keys.support.id}` })).status, 201);
    assert.ok((await two.entriesOf('traffic.suppress')).some(({ detail }) => detail.about === `key ${keys.support.id}`));
    assert.equal((await engineer('POST', `cases/${publicId('case', hers)}/close`, { verdict: 'benign', note: 'asked' })).status, 200);
    const own = await two.newKey('security');
    const held = await security('POST', 'measures', { kind: 'throttle', target: own.id, seconds: 600, reason: 'x' });
    assert.equal((await two.call('DELETE', `/v1/traffic/measures/${held.body.id}`, { key: own.key })).body.code, 'TRAFFIC_OWN_CASE');
    assert.equal((await security('DELETE', `measures/${held.body.id}`)).status, 204);
    // what names a case that is not there is no fault of the server's
    const nobody = { kind: 'throttle', target: own.id, seconds: 600, reason: 'x' };
    for (const id of ['case_00000000000000000000000000', 'nonsense'])
      assert.equal((await security('POST', 'measures', { ...nobody, case: id })).body.code, 'TRAFFIC_NOT_FOUND');
    await db`update traffic.cases set state = 'closed', closed_at = now() where case_id = ${mine}`;
  }); // prettier-ignore
}
