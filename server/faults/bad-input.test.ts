/**
 * On every route of the OpenAPI document: bad input in every place of it is a problem document and changes nothing, and
 * who has no permission is refused.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { createStrongroom } from '@strongroom/sdk';

import { composeSystem, type System } from '../compose.ts';
import { callsTo, setUpApp } from '../testing.ts';
import type { BadRequest } from './bad-requests.ts';
import { fittingRequests, type Fitting } from './fitting-requests.ts';
import { MIGRATIONS } from '../migrations.ts';
import { badInputIsRefused } from './bad-input-refused.tests.ts';
import { strangersAreDenied } from './bad-input-denied.tests.ts';
import { bytesAreAnswered } from './bad-input-bytes.tests.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
let admin: string;
let prepared: Prepared;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-bad-input-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const start = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
    const config = readConfig({
      STRONGROOM_HOME: home,
      DATABASE_URL: fresh.url,
      STRONGROOM_LOG: 'silent',
      STRONGROOM_ATTACHMENT_MIB: '1',
      ...settings,
    });
    system = await composeSystem(config, createLog('silent'));
    url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  };
  await start();
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  prepared = await prepare();
  // one that does what it is asked and nothing besides: what changes is what a request has changed
  await system.close();
  await start({ STRONGROOM_JOBS: 'none' });
});
after(async () => {
  agent.destroy();
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

type Prepared = Readonly<{
  fitting: Readonly<Record<string, Fitting>>;
  /** @param role of a key; `person`: the first administrator's cookie, `stranger`: that of a person who may nearly nothing */
  callerIn: (role: string) => Readonly<Record<string, string>>;
}>;
export type OpenApiOperation = Readonly<{
  operationId: string;
  security?: readonly unknown[];
  requestBody?: { content: Record<string, unknown> };
  parameters?: readonly { in: string; name: string }[];
}>;
export type Answer = Readonly<{ status: number; type: string; text: string }>;

/** Node's own client, since fetch mends paths before it sends them. */
function send({ method, path, headers, body }: BadRequest, caller: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method, path, agent, timeout: 120_000,
      headers: { ...caller, ...('transfer-encoding' in headers ? {} : { 'content-length': body?.length ?? 0 }), ...headers },
    }); // prettier-ignore
    asked.once('timeout', () => asked.destroy(new Error('no answer within 20 s')));
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      );
    });
    asked.end(body);
  });
}

/** Who may, what is there, and what fits each route. */
async function prepare(): Promise<Prepared> {
  const room = createStrongroom({ url, key: admin });
  const keys = new Map([['admin', admin]]);
  for (const role of [
    'application',
    'auditor',
    'collector',
    'custodian',
    'customer-sign-in',
    'dpo',
    'engineer',
    'marketing',
    'provisioner',
    'security',
  ])
    keys.set(role, (await room.keys.create({ name: role, role })).key);
  const keyOf = (role: string): string => keys.get(role) as string;
  const application = createStrongroom({ url, key: keyOf('application'), purpose: 'service.support' });
  const fields = { last_name: 'Ada', email: 'ada@example.org' };
  const made = await application.records.create({ collection: 'customer', subject: { externalId: 'c-1' }, fields });
  const { token } = await application.tokens.create({ recordId: made.id, field: 'email', kind: 'random' });
  const { id: attachmentId } = await application.attachments.put(made.id, 'a.txt', Buffer.from('a file'));
  const { id: keyId } = await room.keys.create({ name: 'spare', role: 'support' });
  const headers = { authorization: `Bearer ${keyOf('security')}` };
  const active = (await (await fetch(`${url}/v1/access/policies/active`, { headers })).json()) as {
    id: string;
    document: { schema: string };
  };
  const document = {
    format: 'strongroom/policies/1',
    schema: active.document.schema,
    roles: { helper: { says: 'helps', owner: 'security', clearUpTo: null, includes: ['helper'] } },
    policies: { all: 'permit (principal, action, resource);' },
  };
  const { cookie, stranger, personId } = await signInSomebody();
  const scim = async (kind: string, body: object): Promise<string> => {
    const answer = await fetch(`${url}/scim/v2/${kind}s`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keyOf('provisioner')}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ schemas: [`urn:ietf:params:scim:schemas:core:2.0:${kind}`], ...body }),
    });
    return ((await answer.json()) as { id: string }).id;
  };
  const known = {
    scimUserId: await scim('User', { userName: 'di@example.org' }),
    scimGroupId: await scim('Group', { displayName: 'desk' }),
    mailId: (
      await system.mail.queue(fresh.db, {
        to: 'ada@example.org',
        subject: 'a',
        text: 'a',
        kind: 'test.mail',
        dedupeKey: null,
      })
    ).id,
    recordId: made.id,
    subjectId: made.subjectId,
    attachmentId,
    token,
    keyId,
    policyId: active.id,
    document,
    personId,
  };
  return {
    fitting: fittingRequests(known),
    callerIn: (role) =>
      role === 'person' || role === 'stranger'
        ? { cookie: role === 'person' ? cookie : stranger, 'sec-fetch-site': 'same-origin' }
        : { authorization: `Bearer ${keyOf(role)}` },
  };
}

/** The first administrator, by the link; somebody who was invited; and somebody who came, and may nearly nothing. */
async function signInSomebody(): Promise<{ cookie: string; stranger: string; personId: string }> {
  const post = (path: string, body: object, headers: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const accept = async (body: object): Promise<string> => {
    const accepted = await post('/v1/access/people/accept', { password: 'violet tractor onion', ...body }, {});
    const limited = (accepted.headers.get('set-cookie') ?? '').split(';')[0] as string;
    return (await setUpApp({ call: callsTo([url]) }, limited)).cookie;
  };
  const cookie = await accept({ token: system.firstLink, email: 'bob@example.org', name: 'Bob' });
  const invite = async (body: object): Promise<{ id: string; token: string }> => {
    const invited = await post('/v1/access/people', body, { cookie, 'sec-fetch-site': 'same-origin' });
    return (await invited.json()) as { id: string; token: string };
  };
  const { id: personId } = await invite({ email: 'cy@example.org', name: 'Cy', roles: ['support'] });
  const { token } = await invite({ email: 'mo@example.org', name: 'Mo', roles: ['collector'] });
  return { cookie, stranger: await accept({ token }), personId };
}

/** Every row of the practices, as one hash for each table; but for the count of seals, which an upload has spent before it is known to be too large, and when a key or session was last used. */
async function tablesNow(): Promise<Record<string, string>> {
  hashes ??= await hashesOfTables();
  const rows = await fresh.db.unsafe<{ name: string; hash: string }[]>(hashes);
  assert.ok(rows.length > 50, 'the tables were not found');
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}

/** One statement for all of them: one for each, asked twice for every route, took most of the time of this file. */
let hashes: string | undefined;
async function hashesOfTables(): Promise<string> {
  const names = await fresh.db<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('vault', 'access', 'mail', 'privacy', 'collection', 'education')
    -- folded out of the log as time goes by, whoever asks what; attempts to come in, and what the gate refuses, are counted
    and tablename not in ('usage_cursor', 'grant_usage', 'holder_usage', 'notice_cursor', 'tries', 'gate_counts', 'cursors', 'seen', 'field_usage', 'records_written', 'runs') order by 1`;
  const one = (name: string): string =>
    `select '${name.replaceAll("'", "''")}' as name, count(*) || ' ' || coalesce(md5(string_agg((to_jsonb(t) - 'seals' - 'used_at' - 'seen_at')::text, ' ' order by t::text)), '') as hash from ${name} t`;
  return names.map(({ name }) => one(name)).join(' union all ');
}

/** What the parts are handed, as it is when they ask. */
const running = () => ({ fresh, system, url, prepared, send, tablesNow });
export type Running = ReturnType<typeof running>;

badInputIsRefused(running);
strangersAreDenied(running);
bytesAreAnswered(running);
