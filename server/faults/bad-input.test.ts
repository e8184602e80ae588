/**
 * On every route of the OpenAPI document: bad input in every place of it is a problem document and changes nothing, and
 * who has no permission is refused.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { createStrongroom } from '@strongroom/sdk';

import { composeSystem, type System } from '../compose.ts';
import { openApiDocument } from '../openapi.ts';
import { callsTo, setUpApp } from '../testing.ts';
import { badRequests, CANARY, type BadRequest, type HttpMethod } from './bad-requests.ts';
import { fittingRequests, type Fitting } from './fitting-requests.ts';
import { MIGRATIONS } from '../migrations.ts';

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
type OpenApiOperation = Readonly<{
  operationId: string;
  security?: readonly unknown[];
  requestBody?: { content: Record<string, unknown> };
  parameters?: readonly { in: string; name: string }[];
}>;
type Answer = Readonly<{ status: number; type: string; text: string }>;

/** Node's own client, since fetch mends paths before it sends them. */
function send({ method, path, headers, body }: BadRequest, caller: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method, path, agent, timeout: 20_000,
      headers: { ...caller, 'content-length': body?.length ?? 0, ...headers },
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

/** Routes whose answer holds the outcome of each question it was asked, and is no problem as a whole. */
const SAYS_SO_INSIDE: Readonly<Record<string, (answer: Record<string, unknown>) => boolean>> = {
  putRecords: ({ results }) => (results as { status: string }[]).every(({ status }) => status === 'rejected'),
  recordEvents: ({ results }) => (results as { status: string }[]).every(({ status }) => status === 'rejected'),
  testPolicies: ({ ok }) => ok === false,
  lintCatalog: ({ ok }) => ok === false,
  testRule: ({ faults }) => (faults as { weight: string }[]).some(({ weight }) => weight === 'error'),
  // OpenID AuthZEN 1.0 §6.2: what is not known is a decision, "no", and members that are not known are passed over
  authzenEvaluation: ({ decision }) => decision === false,
  authzenEvaluations: ({ decision, evaluations }) => decision === false || Array.isArray(evaluations),
  authzenSearchAction: ({ results }) => Array.isArray(results),
  authzenSearchResource: ({ results }) => Array.isArray(results),
  authzenSearchSubject: ({ results }) => Array.isArray(results),
};

function assertRefused(operationId: string, { status, type, text }: Answer, what: string, decidedFirst: boolean): void {
  const seen = `${what}: ${status} ${type} ${text.slice(0, 400)}`;
  assert.ok(!text.includes(CANARY), `it repeats what it was sent: ${seen}`);
  assert.doesNotMatch(text, /\n\s+at |node:|\.ts:\d/, seen);
  const answer = JSON.parse(text) as Record<string, unknown>;
  if (status === 200 && SAYS_SO_INSIDE[operationId]?.(answer) === true) return;
  assert.ok(status >= 400 && status < 500, seen);
  // a key that is refused says nothing about the input
  assert.ok(decidedFirst || (status !== 401 && status !== 403), seen);
  // RFC 7644 §3.12; what is no path leads to no route
  if (operationId.startsWith('scim') && answer.code !== 'HTTP_PATH') {
    assert.match(type, /^application\/scim\+json/, seen);
    assert.deepEqual([answer.schemas, answer.status, typeof answer.detail], [['urn:ietf:params:scim:api:messages:2.0:Error'], String(status), 'string'], seen); // prettier-ignore
    return;
  }
  assert.match(type, /^application\/problem\+json/, seen);
  const { code, hint } = answer;
  assert.ok(typeof code === 'string' && code !== '' && typeof hint === 'string' && hint !== '', seen);
}

/** What was asked and refused may stand in the log: as a denial, or as a question that was answered. */
async function assertLogged(from: number): Promise<void> {
  const size = await system.audit.size();
  for (const { bytes } of await system.audit.read(from, size)) {
    const entry = JSON.parse(bytes.toString('utf8')) as { action: string; outcome: string };
    const asked = ['access.evaluate', 'access.search', 'access.policy.test'].includes(entry.action);
    assert.ok(asked || entry.outcome === 'denied', `${entry.action} ${entry.outcome}`);
    assert.ok(!bytes.includes(CANARY), `the log holds what was sent: ${entry.action}`);
  }
}

test('every route refuses bad input in each of its places by a problem, repeats nothing of it and changes nothing', async (t) => {
  const { fitting, callerIn } = prepared;
  const { paths } = (await openApiDocument()) as { paths: Record<string, Record<string, OpenApiOperation>> };
  let count = 0;
  // what is there after one route is what is there before the next
  let known: Record<string, string> | null = null;
  for (const [template, methods] of Object.entries(paths)) {
    for (const [method, { operationId, requestBody, parameters = [] }] of Object.entries(methods)) {
      await t.test(`${method.toUpperCase()} ${template}`, async () => {
        const fits = fitting[operationId];
        assert.ok(fits !== undefined, `say in fitting-requests.ts what fits ${operationId}`);
        const takes = Object.keys(requestBody?.content ?? {})[0] ?? null;
        const queries = parameters.flatMap(({ in: where, name }) => (where === 'query' ? [name] : []));
        const before = { tables: known ?? (await tablesNow()), size: await system.audit.size() };
        known = null;

        const route = { method: method.toUpperCase() as HttpMethod, template };
        for (const bad of badRequests(route, fits, { takes, queries })) {
          const answer = await send(bad, callerIn(fits.role));
          assertRefused(operationId, answer, bad.what, fits.decidedFirst === true);
          count += 1;
        }

        const after = await tablesNow();
        assert.deepEqual(after, before.tables);
        await assertLogged(before.size);
        known = after;
      });
    }
  }
  await system.collection.flush();
  const counts = JSON.stringify(await fresh.db`select * from collection.gate_counts`.then((rows) => [...rows].map((row) => ({ ...row, times: Number(row['times']) })))); // prettier-ignore
  assert.ok(!counts.includes(CANARY), 'the gate keeps what was sent');
  assert.ok(count > 2000, `only ${count} requests`);
});

/** Whether the log has since said that somebody of this role was refused. */
async function hasDenial(from: number, role: string): Promise<boolean> {
  const entries = await system.audit.read(from, await system.audit.size());
  return entries.some(({ bytes }) => {
    const { outcome, actor } = JSON.parse(bytes.toString('utf8')) as { outcome: string; actor: { role?: string } };
    return outcome === 'denied' && actor.role === role;
  });
}

/** Needs no permission, since it is about oneself: a key has none of it. */
const OF_A_PERSON = {
  currentSession: 'the own session',
  signOut: 'the own session',
  actAs: 'another role, but one of the own',
  stepUp: 'the own session, by the own factors',
  stepUpByPasskey: 'the own session, by the own passkey',
  stepUpPasskeyOptions: 'what the own passkey is asked',
  listSessions: 'the own sessions',
  listRoleRequests: 'the own roles that rest',
  requestRole: 'one of the own roles that rest',
  myExportRequests: 'own requests',
  requestExport: 'anybody asks for a second pair of eyes',
  endRoleRequest: 'an own request',
  myTraining: 'what oneself has to learn and sign',
  readCourse: 'a lesson: who has a session may learn',
  beginSitting: 'an own try',
  handInSitting: 'an own try',
  readEducationPolicy: 'a policy, and the own signature of it',
  signPolicy: 'the own signature',
  signatureReceipt: 'the own signature',
  myCertificates: 'own papers',
  certificatePdf: 'the own paper',
  beginCourseRun: 'the own learning',
  tellCourseRun: 'the own learning',
  readCourseRun: 'the own learning',
  beginCoursePart: 'the own learning',
  listRunStatements: 'the own learning',
  listNotices: 'the own notices',
  readNotices: 'the own notices',
  endSession: 'one of the own sessions',
  endOtherSessions: 'the own sessions',
  listFactors: 'the own factors',
  changePassword: 'the own password',
  offerTotp: 'the own factors',
  confirmTotp: 'the own factors',
  removeTotp: 'the own factors',
  newRecoveryCodes: 'the own factors',
  listPasskeys: 'the own passkeys',
  newPasskeyOptions: 'the own passkeys',
  addPasskey: 'the own passkeys',
  removePasskey: 'one of the own passkeys',
  ownExercises: 'what one did with exercises',
  myExercise: 'an own exercise',
  beginExercise: 'an own exercise',
  handInExercise: 'an own exercise',
  giveUpExercise: 'an own exercise',
  myIncidentDrills: 'drills that one takes part in',
  joinDrill: 'a drill that one takes part in',
  decideInDrill: 'a drill that one takes part in',
  askDrillScope: 'a drill that one takes part in',
  nextInDrill: 'a drill that one takes part in',
  myViolations: 'what was opened about oneself',
  stateOnViolation: 'what oneself says',
  appealViolation: 'an own appeal',
} as const;
/** Needs no permission, and a key or a workload may ask too. */
const OF_ANYBODY = {
  whoami: 'what the key or person itself may',
  reportMail: 'every person reports; of keys those with reports.send (server/phishing.test.ts)',
  reportIncident: 'every person reports; of keys those with incidents.report (server/incidents.test.ts)',
  getReportLink: 'the link for reports without a name is for everybody',
  myExercises: 'titles, and how whoever is behind it stands with them',
  listDrillTexts: 'titles, stories and lengths of drills; not what comes in them',
  aboutDrill: 'title, story and length of a drill; not what comes in it',
  readCatalog: 'what is kept and for what purposes: names of fields, no customer',
} as const;

/** To a person who has no part in it, it is as if it were not there; the refusal is in the log all the same. */
const AS_IF_NOT_THERE: ReadonlySet<string> = new Set(['getViolation', 'violationProof', 'decideOnViolation', 'answerAppeal']); // prettier-ignore

test('every route refuses who is known and has no permission for it, and logs it, but the few that are about oneself', async (t) => {
  const { fitting, callerIn } = prepared;
  const { paths } = (await openApiDocument()) as { paths: Record<string, Record<string, OpenApiOperation>> };
  const operations = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ template, method: method.toUpperCase(), ...operation })),
  );
  const before = await tablesNow();
  let refused = 0;
  for (const { template, method, operationId, requestBody, security } of operations) {
    // that nothing else is open to all is what server/system.test.ts shows
    if (security?.length === 0 || operationId in OF_ANYBODY) continue;
    await t.test(`${method} ${template}`, async () => {
      const { path = {}, headers = {}, query, ...fits } = fitting[operationId] as Fitting;
      const body = fits.whole ?? fits.body;
      const takes = Object.keys(requestBody?.content ?? {})[0];
      const ask: BadRequest = {
        what: operationId,
        method: method as HttpMethod,
        path: `${template.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => path[name] ?? '')}${query === undefined ? '' : `?${query}`}`,
        // passkeys belong to the name of a site, which an address is not
        headers: {
          host: `localhost:${new URL(url).port}`,
          ...(takes === undefined ? {} : { 'content-type': takes }),
          ...headers,
        },
        body: body === undefined ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      };
      // who carries forms may do nothing but that; who sells, not even that
      const stranger = operationId === 'submitForm' ? 'marketing' : 'collector';
      const code =
        operationId in OF_A_PERSON ? /^(ACCESS_SESSION|EDUCATION_PERSON)_NEEDED$/ : /^(ACCESS|VAULT|AUDIT)_DENIED$/;
      const callers = operationId in OF_A_PERSON || operationId === 'submitForm' ? [stranger] : [stranger, 'stranger'];
      for (const caller of callers) {
        const size = await system.audit.size();
        const { status, text } = await send(ask, callerIn(caller));
        const seen = `${caller}: ${status} ${text.slice(0, 400)}`;
        const hides = caller === 'stranger' && AS_IF_NOT_THERE.has(operationId);
        assert.equal(status, hides ? 404 : 403, seen);
        const answer = JSON.parse(text) as Record<string, unknown>;
        // RFC 7644 §3.12 has a body of its own
        if (operationId.startsWith('scim')) assert.deepEqual([answer.status, answer.code], ['403', undefined], seen);
        else assert.match(String(answer.code), hides ? /^EDUCATION_VIOLATION_NOT_FOUND$/ : code, seen);
        if (!(operationId in OF_A_PERSON)) assert.ok(await hasDenial(size, stranger), `not in the log: ${seen}`);
        refused += 1;
      }
    });
  }
  assert.deepEqual(await tablesNow(), before, 'what was refused has changed nothing');
  assert.ok(refused > 200, `only ${refused} requests`);
  const known = new Set(operations.map(({ operationId }) => operationId));
  assert.deepEqual(Object.keys({ ...OF_A_PERSON, ...OF_ANYBODY }).filter((each) => !known.has(each)), [], 'listed, and not there'); // prettier-ignore
});

test('bytes that are no request get a problem too, and the connection ends', async () => {
  for (const bytes of [
    `${CANARY}\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: a\r\n${CANARY} : x\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: a\r\nx: ${CANARY.repeat(5000)}\r\n\r\n`,
  ]) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(bytes);
    const answer = await readAll(socket);

    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json\r\n/);
    assert.match(answer, /"code":"HTTP_PROTOCOL","hint":"/);
    assert.ok(!answer.includes(CANARY));
  }
});
