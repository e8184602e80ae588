/** A customer's browser without script, at the center of one server or another: for tests. */
import assert from 'node:assert/strict';

import { parseSubjectId, type SubjectId } from '#platform/ids';

import type { System } from './compose.ts';

export type Shown = Readonly<{ status: number; text: string; headers: Headers }>;
export type VisitOptions = Readonly<{
  form?: Readonly<Record<string, string>>;
  cookie?: string;
  headers?: Readonly<Record<string, string>>;
}>;
export type Visitor = Readonly<{
  ask: (path: string, options?: VisitOptions) => Promise<Shown>;
  /** Asks for a code. @returns the page that takes it */
  begin: (email: string) => Promise<Shown>;
  /** The code of the newest mail to somebody, as the development mailbox holds it. */
  codeFor: (email: string) => Promise<string | null>;
  /** @returns the cookie of who came in by a code from a mail */
  signIn: (email: string) => Promise<string>;
  /** The company's own sign-in says who it is, with two factors: shown as well as can be. @returns the same cookie */
  proven: (cookie: string, subject: string) => Promise<string>;
}>;

export const attemptIn = (page: string): string => /name="attempt" value="([^"]+)"/.exec(page)?.[1] ?? '';

/** @param url asked at each call: a server has an address when it listens */
export function visitor(system: () => System, url: () => string): Visitor {
  const ask: Visitor['ask'] = async (path, { form, cookie, headers = {} } = {}) => {
    const answer = await fetch(`${url()}${path}`, {
      redirect: 'manual',
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      headers: {
        ...(form === undefined ? {} : { 'sec-fetch-site': 'same-origin' }),
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
    });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const codeFor: Visitor['codeFor'] = async (email) => {
    await system().privacy.signIn.sendCodes();
    const { mail } = system();
    for (const { id, kind } of await mail.list()) {
      if (kind !== 'privacy.code') continue;
      const { content } = await mail.get(id);
      if (content?.to === email) return /\d{4} \d{4}/.exec(content.text)?.[0] ?? null;
    }
    return null;
  };
  const begin: Visitor['begin'] = async (email) => {
    const asked = await ask('/center/sign-in', { form: { email } });
    if (asked.status !== 303) return asked;
    const cookie = (asked.headers.get('set-cookie') ?? '').split(';')[0] as string;
    return ask(asked.headers.get('location') ?? '', { cookie });
  };
  return {
    ask,
    begin,
    codeFor,
    proven: async (cookie, subject) => {
      const said = { subjectId: parseSubjectId(subject) as SubjectId, factors: 2, signedInAt: new Date() } as const;
      const { token } = await system().privacy.secondProof.assert('test', said);
      assert.equal((await ask(`/center/app/${token}`, { cookie, form: {} })).status, 303);
      return cookie;
    },
    signIn: async (email) => {
      const asked = await begin(email);
      const form = { attempt: attemptIn(asked.text), code: (await codeFor(email)) ?? '' };
      const entered = await ask('/center/code', { form });
      assert.equal(entered.status, 303, entered.text);
      return (entered.headers.get('set-cookie') ?? '').split(';')[0] as string;
    },
  };
}
