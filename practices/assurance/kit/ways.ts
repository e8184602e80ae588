/** Ways that several tests go: what routes there are, and coming in as a person. */
import { readFile } from 'node:fs/promises';

import { Secret, TOTP } from 'otpauth';

import { CannotTell } from './control-test.ts';
import type { Kit } from './kit.ts';
import type { Client } from './wire.ts';

export type Route = Readonly<{
  method: string;
  /** With something in place of each parameter that is well formed and leads nowhere. */
  path: string;
  template: string;
  isPublic: boolean;
}>;

type Described = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, { security?: readonly unknown[] }>>>>;
}>;

/** As the system itself describes them. */
export async function routesOf({ world }: Kit): Promise<readonly Route[]> {
  const { paths } = JSON.parse(await readFile(world.openapi, 'utf8')) as Described;
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: template.replaceAll(/\{[^}]+\}/g, '0'),
      template,
      isPublic: security?.length === 0,
    })),
  );
}

/** The page of the system itself, as a browser shows it to be. */
export const withCookie = (kit: Kit, cookie: string): Client => {
  const client = kit.wire.client('a session', null);
  return (method, path, asked = {}) =>
    client(method, path, { ...asked, headers: { cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin', ...asked.headers } }); // prettier-ignore
};

export type CameIn = Readonly<{
  cookie: string;
  limited: string;
  secret: string;
  id: string;
  email: string;
  password: string;
}>;

/** A member of staff who does not exist comes in by the link, chooses a password and sets up a code. */
export async function comeIn(kit: Kit, role: string): Promise<CameIn> {
  const { id, email, link, password } = await kit.desk.person(role);
  const accepted = await kit.nobody('POST', '/v1/access/people/accept', { body: { token: link, password } });
  if (accepted.status !== 201) throw new CannotTell(`nobody can come in: ${accepted.status} ${String(accepted.json?.code)}`);
  const limited = (accepted.headers['set-cookie'] ?? '').split(';')[0] ?? '';
  const began = await withCookie(kit, limited)('POST', '/v1/access/factors/totp');
  const { secret } = began.json ?? {};
  if (typeof secret !== 'string') throw new CannotTell(`no code can be set up: ${began.status}`);
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  const confirmed = await withCookie(kit, limited)('POST', '/v1/access/factors/totp/confirm', { body: { code } });
  if (confirmed.status !== 200) throw new CannotTell(`no code can be set up: ${confirmed.status} ${String(confirmed.json?.code)}`);
  return { id, email, password, limited, secret, cookie: (confirmed.headers['set-cookie'] ?? '').split(';')[0] ?? '' };
} // prettier-ignore
