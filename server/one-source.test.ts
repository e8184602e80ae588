/** One source that asks without end: it is slowed down, what it leaves behind is bounded, and nobody else notices. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';

import { inOneQuarter } from '#platform/testing';

import { requestDesk } from './testing-requests.ts';
import { attemptIn } from './visitor.ts';

const { two, customer, codeFor } = requestDesk();

/** A form from an address of this machine's own network, as a browser sends it. */
const from = (source: string, path: string, form: Readonly<Record<string, string>>, cookie = ''): Promise<Readonly<{ status: number; text: string; cookie: string; location: string }>> =>
  new Promise((resolve, reject) => {
    const body = new URLSearchParams(form).toString();
    const { hostname, port } = new URL(two().urls[1]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, 'sec-fetch-site': 'same-origin', cookie };
    const method = Object.keys(form).length === 0 ? 'GET' : 'POST';
    const sent = request({ hostname, port, path, method, localAddress: source, headers: method === 'GET' ? { cookie } : headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, cookie: (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '', location: answer.headers.location ?? '' }));
    });
    sent.on('error', reject);
    sent.end(method === 'GET' ? '' : body);
  }); // prettier-ignore
const sizes = async () => {
  const [row] = await two().fresh.db<{ counts: number; attempts: number; sealed: number; sessions: number; mails: number }[]>`
    select (select count(*) from privacy.counts)::int as counts, (select count(*) from privacy.sign_ins)::int as attempts,
      (select coalesce(max(octet_length(address)), 0) from privacy.sign_ins)::int as sealed,
      (select count(*) from privacy.sessions)::int as sessions, (select count(*) from mail.outbox)::int as mails`;
  assert.ok(row);
  return row;
}; // prettier-ignore
const FLOOD = '127.0.0.7';
const MANY = 600;

test('of hundreds from one source all but sixty in a quarter of an hour are slowed, each by a clear word; nothing of them is kept, and others come in', async () => {
  await inOneQuarter(90);
  await customer('calm@example.org');
  const statuses = new Map<number, number>();
  // addresses that nobody typed before, codes that nobody was sent, links to copies that nobody made: one count for all
  const asks = (n: number) => [
    () => from(FLOOD, '/center/sign-in', { email: `flood-${n}@example.org` }),
    () => from(FLOOD, '/center/code', { attempt: `a${n}`, code: '0000 0000' }),
  ][n % 2] as () => ReturnType<typeof from>; // prettier-ignore
  let words = '';
  for (let at = 0; at < MANY; at += 20)
    for (const { status, text } of await Promise.all(Array.from({ length: 20 }, (_, n) => asks(at + n)()))) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 429) words = text;
    }
  assert.equal(statuses.get(429), MANY - 60, JSON.stringify([...statuses]));
  assert.ok(words.includes('Too many attempts. Please wait a few minutes.'), 'clear words');
  const left = await sizes();
  // one count for the source, and one for each address that got through before it was slowed
  assert.ok(left.counts <= 61 && left.attempts <= 60 && left.sealed < 400 && left.sessions === 0, JSON.stringify(left));
  await two().systems[1].privacy.signIn.sendCodes();
  assert.equal((await sizes()).mails, left.mails, 'and nobody was mailed');

  // somebody else, meanwhile, comes in as ever
  const asked = await from('127.0.0.8', '/center/sign-in', { email: 'calm@example.org' });
  assert.equal(asked.status, 303);
  const page = await from('127.0.0.8', asked.location, {}, asked.cookie);
  const code = (await codeFor('calm@example.org')) ?? '';
  const entered = await from('127.0.0.8', '/center/code', { attempt: attemptIn(page.text), code });
  assert.equal(entered.status, 303);
  assert.equal((await from('127.0.0.8', '/center/data', {}, entered.cookie)).status, 200);
  // by the one that floods, the right code is of no use either
  assert.equal((await from(FLOOD, '/center/code', { attempt: 'x', code })).status, 429);

  // a quarter of an hour later nothing is left of it
  await two().fresh.db`update privacy.counts set part = part - 2`;
  await two().fresh.db`update privacy.sign_ins set expires_at = now() - interval '1 second'`;
  await two().systems[1].privacy.signIn.sweep();
  assert.deepEqual([(await sizes()).counts, (await sizes()).attempts], [0, 0]);
}); // prettier-ignore
