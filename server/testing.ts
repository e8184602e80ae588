/** Two servers on one database, over HTTP, by keys and as people with cookies: for the tests of the whole system. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Secret, TOTP } from 'otpauth';

import { childEnvironment, readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { taught } from './testing-taught.ts';
import { MIGRATIONS } from './migrations.ts';

/** A member of an answer: the tests say what they expect of it, and fail where it is something else. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place; answers are looked into member by member
export type Json = Record<string, any>;
export type Answer = Readonly<{ status: number; body: Json; headers: Headers; cookie: string }>;
export type Sent = Readonly<{
  body?: object;
  key?: string;
  /** As a page of the server itself sends it, with the header that only a browser sets. */
  cookie?: string;
  purpose?: string;
  headers?: Readonly<Record<string, string>>;
  /** 0 or 1. */
  server?: number;
}>;
export type TwoSystems = Readonly<{
  fresh: Awaited<ReturnType<typeof freshDatabase>>;
  home: string;
  systems: readonly [System, System];
  urls: readonly [string, string];
  /** The administrator's key of the first start. */
  admin: string;
  call: (method: string, path: string, sent?: Sent) => Promise<Answer>;
  newKey: (role: string) => Promise<Readonly<{ id: string; key: string }>>;
  /** The newest entries of the log that somebody caused: what the system's own loops write comes between at any moment. */
  logged: (count: number) => Promise<Json[]>;
  /** Every entry of this action, whoever caused it. */
  entriesOf: (action: string) => Promise<Json[]>;
  /** Until what is in the log by now was told to whom it concerns: a server passes by what another one is folding. */
  noticed: () => Promise<void>;
  /** `strongroom access …`, or another noun, against the second server. */
  command: (
    args: readonly string[],
    more?: Readonly<{ input?: string; key?: string; noun?: string }>,
  ) => Promise<Ended>;
  close: () => Promise<void>;
}>;
export type Ended = Readonly<{ code: number | null; out: string; err: string }>;

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** @param second settings of the second server alone; it starts on what the first has made */
export async function twoSystems(second: Readonly<Record<string, string>> = {}): Promise<TwoSystems> {
  const home = await mkdtemp(join(tmpdir(), 'sr-two-'));
  const fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const settings = { STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' };
  const first = await composeSystem(readConfig(settings), createLog('silent'));
  const systems = [first, await composeSystem(readConfig({ ...settings, ...second }), createLog('silent'))] as const;
  const listen = ({ http }: System): Promise<string> => http.listen({ host: '127.0.0.1', port: 0 });
  const urls = [await listen(systems[0]), await listen(systems[1])] as const;
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();

  const call = callsTo(urls);
  return {
    fresh,
    home,
    systems,
    urls,
    admin,
    call,
    newKey: async (role) => {
      const { status, body } = await call('POST', '/v1/access/keys', { key: admin, body: { name: role, role } });
      assert.equal(status, 201, JSON.stringify(body));
      return body as { id: string; key: string };
    },
    logged: async (count) => {
      const entries = await entriesOf(first, count + OF_LOOPS);
      return entries.filter(({ actor }) => actor.kind !== 'system').slice(-count);
    },
    entriesOf: async (action) => (await entriesOf(first)).filter((entry) => entry.action === action),
    noticed: async () => {
      const size = await first.audit.size();
      for (let next = -1; next < size; await sleep(20)) {
        while (await first.notices.fold());
        next = Number((await fresh.db<{ next: string }[]>`select next::text from access.notice_cursor`)[0]?.next);
      }
    },
    command: (args, { input = '', key, noun = 'access' } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [MAIN, noun, ...args], {
          env: childEnvironment({
            STRONGROOM_URL: urls[1],
            STRONGROOM_HOME: home,
            ...(key === undefined ? {} : { STRONGROOM_KEY: key }),
          }),
        });
        let [out, err] = ['', ''];
        child.stdout.on('data', (piece: Buffer) => void (out += piece.toString()));
        child.stderr.on('data', (piece: Buffer) => void (err += piece.toString()));
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, out, err }));
        child.stdin.end(input);
      }),
    close: async () => {
      for (const system of systems) await system.close();
      await fresh.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** More than loops write while a test looks. */
const OF_LOOPS = 200;
/** The newest entries of the log, all of them where it is not said how many: for tests, whose logs are short. */
export async function entriesOf({ audit }: Pick<System, 'audit'>, newest = Number.POSITIVE_INFINITY): Promise<Json[]> {
  const size = await audit.size();
  const entries = await audit.read(Math.max(0, size - newest), size);
  return entries.map(({ bytes }) => JSON.parse(bytes.toString()) as Json);
}

/** The same with all that is sent in a row, for files that ask often. */
export const callsInARow =
  (two: () => TwoSystems) =>
  (server: number, method: string, path: string, key: string, body?: object, purpose?: string): Promise<Answer> =>
    two().call(method, path, {
      server,
      key,
      ...(body === undefined ? {} : { body }),
      ...(purpose === undefined ? {} : { purpose }),
    });

/** Requests to servers at these addresses. */
export const callsTo =
  (urls: readonly string[]): TwoSystems['call'] =>
  async (method, path, { body, key, cookie, purpose, headers, server = 0 } = {}) => {
    const response = await fetch(`${urls[server]}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
        ...(purpose === undefined ? {} : { 'strongroom-purpose': purpose }),
        'x-request-id': 'asked-1',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Json),
      headers: response.headers,
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
    };
  };

/** What a page needs of a server to let somebody come in. */
type Calls = Readonly<{ call: TwoSystems['call'] }>;
export const PASSWORD = 'violet tractor onion';
export type CameIn = Readonly<{
  /** Of a whole session: password and code were shown. */
  cookie: string;
  /** Of the one before it, that had shown the password alone. */
  limited: string;
  recoveryCodes: readonly string[];
  /** The code of a step that none was taken of yet: each call is one step earlier or later than any before. */
  app: TOTP;
}>;

/**
 * Comes in by a link, sets up an authenticator app, and learns what the role asks for.
 * @param about the first administrator says who they are
 */
export async function comeIn({ call }: Calls, token: string, about: object = {}): Promise<CameIn> {
  const came = await comeInUntaught({ call }, token, about);
  await taught({ call }, came.cookie);
  return came;
}

export async function comeInUntaught({ call }: Calls, token: string, about: object = {}): Promise<CameIn> {
  const accepted = await call('POST', '/v1/access/people/accept', { body: { token, password: PASSWORD, ...about } });
  assert.equal(accepted.status, 201, JSON.stringify(accepted.body));
  return { ...(await setUpApp({ call }, accepted.cookie)), limited: accepted.cookie };
}

/** @param cookie of a session that may set up a second factor */
export async function setUpApp({ call }: Calls, cookie: string): Promise<Omit<CameIn, 'limited'>> {
  const { body } = await call('POST', '/v1/access/factors/totp', { cookie });
  const app = new TOTP({ secret: Secret.fromBase32(body.secret as string) });
  const confirmed = await call('POST', '/v1/access/factors/totp/confirm', { cookie, body: { code: app.generate() } });
  assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
  return { cookie: confirmed.cookie, recoveryCodes: confirmed.body.recoveryCodes as string[], app };
}
