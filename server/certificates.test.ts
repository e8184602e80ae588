/** Certificates of what was passed and signed: made, proven, checked by strangers, over HTTP on two servers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pdfFiles, pdfText } from '#platform/testing';
import { parseCheckpoint, parseProof, provesEntry, splitNote } from '#platform/tlog';

import type { Json } from './testing.ts';
import { staffedSystems, type Invited, type Staffed } from './testing-education.ts';
import { passCourse, signPolicy } from './testing-taught.ts';

let staffed: Staffed;
let ada: Invited;
let bea: Invited;
let course: Json;
let policy: Json;
before(async () => {
  staffed = await staffedSystems();
  [ada, bea] = [await staffed.somebody(['support']), await staffed.somebody(['support'])];
  await passCourse(staffed.two, ada.cookie, 'phishing');
  await signPolicy(staffed.two, ada.cookie, 'customer-data');
  await staffed.two.systems[0].audit.checkpoint();
  [policy, course] = (await call('GET', '', { cookie: ada.cookie })).body.certificates as [Json, Json];
});
after(() => staffed.two.close());

const AT = '/v1/education/certificates';
const call = (method: string, path: string, sent: object = {}, server = 0) =>
  staffed.two.call(method, `${AT}${path}`, { ...sent, server });
const pdf = async (path: string, sent: Readonly<{ method?: string; cookie?: string; key?: string; body?: object }>) => {
  const { method = 'GET', cookie, key, body } = sent;
  const response = await fetch(`${staffed.two.urls[0]}${AT}${path}`, {
    method,
    headers: {
      ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) }; // prettier-ignore
};
const check = (id: string, name: string, server = 1) => call('POST', '/check', { body: { id, name } }, server);

test('one’s own has name, title, version and the log’s own proof in it, which verifies offline', async () => {
  for (const each of [course, policy]) {
    const { status, type, bytes } = await pdf(`/${each.id}?zone=Asia/Tokyo`, { cookie: ada.cookie });
    assert.deepEqual([status, type], [200, 'application/pdf']);
    const text = pdfText(bytes);
    const [file] = pdfFiles(bytes);
    const proof = parseProof(String(file));
    assert.ok(proof !== null, String(file));
    assert.equal(proof.index, each.entry);
    const head = parseCheckpoint(splitNote(proof.note)?.text ?? '');
    assert.ok(head !== null && provesEntry(proof, proof.extra as Buffer));
    for (const part of ['P 1', each.title as string, each.hash as string, each.id as string, 'Asia/Tokyo', Buffer.from(head.root).toString('base64'), String(each.entry)])
      assert.ok(text.includes(part), `${part} in ${text}`);
    const entry = JSON.parse(String(proof.extra)) as Json;
    assert.equal(entry.actor.id, ada.id);
    assert.match(entry.action as string, /^education\.(course\.pass|policy\.sign)$/);
  }
}); // prettier-ignore

test('another one’s, a forged one and one of nowhere are the same: there is none; a zone that is none is refused', async () => {
  const forged = `${(course.id as string).slice(0, -3)}000`;
  for (const [id, cookie] of [[course.id, bea.cookie], [forged, ada.cookie], ['crt_0', ada.cookie], ['per_00000000000000000000000000', ada.cookie]] as const)
    assert.equal((await pdf(`/${id}`, { cookie })).status, 404, String(id));
  assert.equal((await pdf(`/${course.id}?zone=Nowhere/City`, { cookie: ada.cookie })).status, 422);
  assert.deepEqual((await call('GET', '', { cookie: bea.cookie })).body.certificates, []);
  assert.equal((await call('GET', '', { key: (await staffed.two.newKey('security')).key })).body.code, 'ACCESS_SESSION_NEEDED');
}); // prettier-ignore

test('a stranger with number and name learns that it is valid; with one of them alone, nothing', async () => {
  const { status, body } = await check(course.id as string, '  p   1 ');
  assert.deepEqual([status, body.state, body.title, body.hash], [200, 'valid', course.title, course.hash], JSON.stringify(body)); // prettier-ignore
  assert.doesNotMatch(JSON.stringify(body), new RegExp(`${ada.id}|${ada.email}|P 1`));
  const wrong = [await check(course.id as string, 'P 2'), await check('crt_00000000000000000000000000', 'P 1'), await check('x', 'P 1')]; // prettier-ignore
  const [first, ...rest] = wrong.map((each) => [each.status, each.body.code, each.body.detail]);
  assert.deepEqual(first?.slice(0, 2), [404, 'EDUCATION_CERTIFICATE_NOT_FOUND']);
  for (const each of rest) assert.deepEqual(each, first);
});

test('the page for strangers says the same without script, and takes nothing in as HTML', async () => {
  const at = `${staffed.two.urls[0]}/certificates`;
  const post = async (form: Record<string, string>) => {
    const response = await fetch(at, { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, text: await response.text(), policy: response.headers.get('content-security-policy') ?? '' }; // prettier-ignore
  };
  const empty = await fetch(at);
  assert.equal(empty.status, 200);
  assert.doesNotMatch(await empty.text(), /role="status"/);
  const good = await post({ id: course.id as string, name: 'P 1' });
  assert.equal(good.status, 200);
  assert.match(good.text, /This certificate is valid/);
  assert.match(good.policy, /default-src 'none'/);
  const bad = await post({ id: '<script>alert(1)</script>', name: '"><img src=x>' });
  assert.equal(bad.status, 404);
  assert.doesNotMatch(bad.text, /<script|<img/);
});

test('the training team takes a copy for a reason that is in the log; who only reads may not', async () => {
  const { key } = await staffed.two.newKey('security');
  const list = await staffed.two.call('GET', `/v1/education/people/${ada.id}/certificates`, { key });
  assert.deepEqual(new Set((list.body.certificates as Json[]).map(({ id }) => id)), new Set([course.id, policy.id]));
  const path = `/${course.id}/copy`;
  for (const body of [{}, { because: 'curious' }]) assert.equal((await pdf(path, { method: 'POST', key, body })).status, 400); // prettier-ignore
  assert.equal((await staffed.two.entriesOf('education.certificate.copy')).length, 0);
  const taken = await pdf(path, { method: 'POST', key, body: { because: 'audit' } });
  assert.deepEqual([taken.status, taken.type], [200, 'application/pdf']);
  assert.ok(pdfText(taken.bytes).includes('P 1'));
  const [entry, ...more] = await staffed.two.entriesOf('education.certificate.copy');
  assert.deepEqual([entry?.detail.person, entry?.detail.certificate, entry?.detail.because, more.length], [ada.id, course.id, 'audit', 0]); // prettier-ignore
  const program = (await staffed.two.newKey('application')).key;
  assert.equal((await pdf(path, { method: 'POST', key: program, body: { because: 'audit' } })).status, 403);
  assert.equal((await pdf(path, { method: 'POST', cookie: bea.cookie, body: { because: 'audit' } })).status, 403);
});

test('what is revoked later is revoked on the paper and to strangers, and passing anew makes another one', async () => {
  const { key } = await staffed.two.newKey('security');
  const revoked = await staffed.two.call('POST', '/v1/education/revocations', { key, body: { person: ada.id, kind: 'course', id: 'phishing', because: 'confirmed' } }); // prettier-ignore
  assert.equal(revoked.status, 204);
  assert.equal((await check(course.id as string, 'P 1')).body.state, 'revoked');
  assert.equal((await check(policy.id as string, 'P 1')).body.state, 'valid');
  assert.match(pdfText((await pdf(`/${course.id}`, { cookie: ada.cookie })).bytes), /Valid revoked/);
  await passCourse(staffed.two, ada.cookie, 'phishing');
  const [newest] = (await call('GET', '', { cookie: ada.cookie })).body.certificates as Json[];
  assert.equal((await check(newest?.id as string, 'P 1')).body.state, 'valid');
  assert.equal((await check(course.id as string, 'P 1')).body.state, 'revoked');
});
