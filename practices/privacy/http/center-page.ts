/** What every page of the center is sent with, and who reads it. */
import type { FastifyReply, FastifyRequest } from 'fastify';

import { addressOf, isOwnSite, PAGE_HEADERS } from '#platform/http';
import type { SubjectId } from '#platform/ids';
import { neighbourhood } from '#platform/networks';

import { frameFor, link, type Frame } from '../center/frame.ts';
import { hasGpc } from '../consent/gpc.ts';
import { privacyFailure } from '../failures.ts';
import type { MessageKey } from '../notice/en.ts';
import type { Texts } from '../notice/facts.ts';
import { languageFor, LANGUAGES, type Language } from '../notice/languages.ts';
import type { Proof } from '../requests/proof.ts';
import { CODE_MINUTES } from '../store/customers.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

export const HEADERS = { ...PAGE_HEADERS, vary: 'Sec-GPC, Accept-Language' } as const;

export const QUERY = {
  type: 'object',
  properties: {
    lang: { type: 'string', maxLength: 8 },
    show: { type: 'string', maxLength: 8 },
    told: { type: 'string', maxLength: 24, pattern: '^[a-zA-Z]+(?:-[0-9]+)?$' },
    before: { type: 'string', maxLength: 16, pattern: '^[0-9]+$' },
  },
} as const;
export type Query = Readonly<{ lang?: string; show?: string; before?: string; told?: string }>;

/**
 * What a page says after a form: a word of this list and the minute in its address, and nothing of what was sent. Whoever
 * opens the address again later reads how it stands by then, and not what was done before.
 */
const TOLD = ['saved', 'doubtTaken', 'withdrawn', 'replied', 'appealed'] as const satisfies readonly MessageKey[];
export type Told = (typeof TOLD)[number];
const TOLD_MINUTES = 5;
const minuteNow = (): number => Math.floor(Date.now() / 60_000);
/** A form was done: the page is a GET of its own, so that reloading it does nothing again (RFC 9110 §15.4.4). */
export const seeOther = (reply: FastifyReply, frame: Frame, to: string, told?: Told): FastifyReply =>
  reply
    .header('cache-control', 'no-store')
    .redirect(`${link(frame, to)}${told === undefined ? '' : `&told=${told}-${minuteNow()}`}`, 303);
export const toldIn = (request: FastifyRequest, { say }: Frame): string | null => {
  const [word, minute] = (request.query as Query).told?.split('-') ?? [];
  const told = TOLD.find((each) => each === word);
  const age = minuteNow() - Number(minute);
  // the clock of the server that did it may be ahead, by little
  return told === undefined || !(age >= -1 && age <= TOLD_MINUTES) ? null : say(told);
};

export const sendPage = (reply: FastifyReply, text: string, status = 200): FastifyReply =>
  reply.code(status).headers(HEADERS).send(text);

export const languageOf = (request: FastifyRequest): Language =>
  languageFor(request.headers['accept-language'], (request.query as Query).lang, LANGUAGES);

const cookieName = ({ site }: PrivacyHttpNeeds): string => `${site.secure ? '__Host-' : ''}strongroom-center`;
export const sessionCookie = (needs: PrivacyHttpNeeds, token: string | null): string =>
  `${cookieName(needs)}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict${needs.site.secure ? '; Secure' : ''}${token === null ? '; Max-Age=0' : ''}`;

// of this host alone: one that a neighbouring host put there would sign in by an attempt of theirs
const attemptName = ({ site }: PrivacyHttpNeeds): string => `${site.secure ? '__Host-' : ''}strongroom-attempt`;
/** The attempt to come in, on its way to the page that takes its code: in no address, and as long as the code is good. */
/** @param attempt null: it was used */
export const attemptCookie = (needs: PrivacyHttpNeeds, attempt: string | null): string =>
  `${attemptName(needs)}=${attempt ?? ''}; Path=/; Max-Age=${attempt === null ? 0 : CODE_MINUTES * 60}; HttpOnly; SameSite=Strict${needs.site.secure ? '; Secure' : ''}`;
export const attemptOf = (needs: PrivacyHttpNeeds, request: FastifyRequest): string | undefined =>
  cookieOf(attemptName(needs), request);
export const tokenOf = (needs: PrivacyHttpNeeds, request: FastifyRequest): string | undefined =>
  cookieOf(cookieName(needs), request);

/** One that is sent twice is none. */
function cookieOf(name: string, request: FastifyRequest): string | undefined {
  const begin = `${name}=`;
  const found = new Set((request.headers.cookie ?? '').split(';').map((each) => each.trim()).filter((each) => each.startsWith(begin))); // prettier-ignore
  return found.size === 1 ? [...found][0]?.slice(begin.length) : undefined;
}

/** @throws PRIVACY_CROSS_SITE for a form of another site: browsers say where a request comes from, and nobody else can */
export function requireOwnSite({ site }: PrivacyHttpNeeds, request: FastifyRequest): void {
  if (!isOwnSite(site, request)) throw privacyFailure('CROSS_SITE');
}

/** Whoever has one address of IPv6 has all of its network. */
export const sourceOf = (request: FastifyRequest): string => neighbourhood(addressOf(request));

export type Customer = Readonly<{
  subjectId: SubjectId;
  /** What has shown that it is them. */
  proofs: readonly Proof[];
  frame: Frame;
  gpc: boolean;
  texts: Texts;
}>;

/** Words of the catalogue, as published in the language, else as they are. */
export async function textsFor(needs: PrivacyHttpNeeds, language: Language): Promise<Texts> {
  const published = await needs.privacy.notices.published();
  return published?.texts[language] ?? published?.texts[published.languages[0] ?? 'en'] ?? needs.privacy.catalogTexts();
}

/** Who is signed in; a signal of their browser counts for them, whatever page it comes with. @throws PRIVACY_SIGNED_OUT */
export async function customerOf(needs: PrivacyHttpNeeds, request: FastifyRequest, here: string): Promise<Customer> {
  const { privacy } = needs;
  const session = await privacy.signIn.sessionOf(tokenOf(needs, request));
  if (session === null) throw privacyFailure('SIGNED_OUT');
  const { subjectId, proofs } = session;
  const language = languageOf(request);
  const gpc = hasGpc(request.raw.rawHeaders);
  if (gpc)
    await privacy.consents.record(
      { actor: { kind: 'subject', id: subjectId }, requestId: request.id },
      { kind: 'subject', id: subjectId },
      { said: [], gpc: 'on', repeats: 'skip', shown: { text: null, language: null, variant: 'Sec-GPC: 1', method: 'web', notice: null, jurisdiction: null, evidence: null } },
    ); // prettier-ignore
  return { subjectId, proofs, frame: frameFor(language, here, true), gpc, texts: await textsFor(needs, language) };
}

/** As many as the fields for words take. */
const MOST_WORDS = 4000;
/** A line end is one character to a field with `maxlength`, and two in what a browser sends (HTML §4.10.11, "API value"). */
export const wordsIn = (words: string): string => words.replaceAll('\r\n', '\n').slice(0, MOST_WORDS).toWellFormed();

export const slowDown = () => privacyFailure('SLOW_DOWN', { extra: { retryAfterSeconds: 900 } });
/** Each read of theirs is in the log: it is not filled by one of them. @throws PRIVACY_SLOW_DOWN */
export async function requireCalm({ privacy }: PrivacyHttpNeeds, subjectId: SubjectId): Promise<void> {
  if (!(await privacy.signIn.isCalm(subjectId, 'opens'))) throw slowDown();
}
