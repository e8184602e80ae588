/** For tests: two servers, officers who answer customers' requests, and the mails that customers get of them. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { parseSubjectId, type SubjectId } from '#platform/ids';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { twoSystems, type TwoSystems } from './testing.ts';
import { visitor } from './visitor.ts';

type Kind = 'erasure' | 'copy' | 'review' | 'restriction' | 'objection' | 'correction';

export const idOf = (text: string): SubjectId => parseSubjectId(text) as SubjectId;
/** Of what was refused; `done` of what was not. */
export const code = (of: Promise<unknown>): Promise<string> =>
  of.then(
    () => 'done',
    (thrown: { code: string }) => thrown.code,
  );

/** What a customer said on the telephone. */
export const phoned = (words: string) => ({ words, how: 'telephone' }) as const;

/** Starts with the tests of a file and ends with them. Keys: application, customer-sign-in, support, dpo, dpo-2, dpo-3. */
type SignedIn = Readonly<{ factors: 1 | 2; resettableByMail?: 0 | 1 | 2 }>;

export function requestDesk() {
  const keys = new Map<string, string>();
  const open: { two: TwoSystems | null } = { two: null };
  const two = (): TwoSystems => open.two as TwoSystems;
  before(async () => {
    open.two = await twoSystems();
    for (const role of ['application', 'customer-sign-in', 'dpo', 'support'])
      keys.set(role, (await two().newKey(role)).key);
    for (const name of ['dpo-2', 'dpo-3']) keys.set(name, (await two().newKey('dpo')).key);
  });
  after(() => two().close());

  const as = (key: string, purpose = 'legal.request', server: 0 | 1 = 0): Strongroom =>
    createStrongroom({ url: two().urls[server], key: keys.get(key) as string, purpose, retries: 0 });
  const officer = (key = 'dpo', server: 0 | 1 = 0) => as(key, 'legal.request', server).privacyRequests;
  const visit = visitor(
    () => two().systems[1],
    () => two().urls[1],
  );
  return {
    two,
    keyOf: (name: string): string => keys.get(name) as string,
    as,
    officer,
    customer: (email: string, fields: Record<string, string> = {}) =>
      as('application', 'service.support').records.create({
        collection: 'customer',
        fields: { last_name: 'Hopper', email, ...fields },
      }),
    /** By letter, and by who was looked at: by two people, where it is an erasure. */
    take: async (subject: string, kind: Kind, more: object = {}) => {
      const taken = await officer().take({ how: 'letter', subject, kind, ...more });
      const looked = { erasure: ['dpo', 'dpo-2'], correction: ['dpo', 'dpo-2'], restriction: ['dpo'], copy: ['dpo'], review: [], objection: [] }; // prettier-ignore
      for (const name of looked[kind])
        if (taken.proof.shown.length === 0) await officer(name).vouch(taken.id, 'passport');
      return taken;
    },
    mailsTo: async (to: string) => {
      const found: { id: string; subject: string; text: string }[] = [];
      for (const { id, kind } of await two().systems[0].mail.list()) {
        if (kind !== 'privacy.request') continue;
        const { content } = await two().systems[0].mail.get(id);
        if (content?.to === to) found.push({ id, subject: content.subject, text: content.text });
      }
      return found;
    },
    ...visit,
    asks: (cookie: string, kind: string) => visit.ask('/center/requests', { cookie, form: { kind, words: '' } }),
    openOf: async (subject: string, kind: string) => {
      const found = (await officer().list()).requests.find((each) => each.subject === subject && each.kind === kind);
      assert.ok(found, `an open ${kind}`);
      return found;
    },
    /** Comes from the company's own sign-in. @returns the cookie, a new one where none is given */
    enters: async (subject: string, said: SignedIn, cookie?: string): Promise<string> => {
      const { url } = await as('customer-sign-in', 'service.support').privacyRequests.assertSignedIn({ subject, signedInAt: new Date().toISOString(), ...said });
      const came = await visit.ask(new URL(url).pathname, { form: {}, ...(cookie === undefined ? {} : { cookie }) });
      assert.equal(came.status, 303, came.text);
      return cookie ?? (came.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    }, // prettier-ignore
  };
}
