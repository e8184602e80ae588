/** Pages and forms of who is signed in. */
import { Readable } from 'node:stream';

import type { FastifyRequest } from 'fastify';

import { dataPage } from '../center/customer-pages.ts';
import { preferencesPage } from '../center/preferences-page.ts';
import { requestsPage } from '../center/requests-page.ts';
import { seenPage } from '../center/seen-page.ts';
import type { By, Holder } from '../consent/consents.ts';
import { choiceText, saidBy } from '../consent/wording.ts';
import { csvOf, jsonOf, zipCopy, type CopyOf } from '../customer/copy.ts';
import { createMissing, type Missing } from '../customer/missing.ts';
import { privacyFailure } from '../failures.ts';
import { KINDS, type RequestKind } from '../store/requests.ts';
import type { CenterRoutes, Form } from './center.ts';
import { correctRoutes } from './center-correct.ts';
import {
  customerOf,
  requireCalm,
  requireOwnSite,
  seeOther,
  sendPage,
  slowDown,
  toldIn,
  wordsIn,
  type Customer,
  type Query,
  type Told,
} from './center-page.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const SEEN_ON_A_PAGE = 25;
/** On the page; the copy has all of them. */
const RECORDS_SHOWN = 200;

export function customerRoutes({ get, post }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const formOf = (request: FastifyRequest): Form => (request.body as { form?: Form } | undefined)?.form ?? {};
  const by = ({ subjectId }: Customer, request: FastifyRequest): By => ({ actor: { kind: 'subject', id: subjectId }, requestId: request.id }); // prettier-ignore
  const holder = ({ subjectId }: Customer): Holder => ({ kind: 'subject', id: subjectId });
  const poster = (url: string, here: string, work: (customer: Customer, form: Form, request: FastifyRequest) => Promise<readonly [to: string, told?: Told]>): void =>
    post(url, async (request, reply) => {
      requireOwnSite(needs, request);
      const customer = await customerOf(needs, request, here);
      return seeOther(reply, customer.frame, ...(await work(customer, formOf(request), request)));
    }); // prettier-ignore
  const preferences = async (customer: Customer, says: string | null): Promise<string> =>
    preferencesPage(
      customer.frame,
      await needs.privacy.consents.states(holder(customer)),
      customer.texts,
      customer.gpc,
      says,
    );

  get('/center/preferences', async (request, reply) => {
    const customer = await customerOf(needs, request, 'preferences');
    return sendPage(reply, await preferences(customer, toldIn(request, customer.frame)));
  });
  poster('/center/preferences', 'preferences', async (customer, { purpose = '', said = '' }, request) => {
    const { frame, texts } = customer;
    const states = await needs.privacy.consents.states(holder(customer));
    const found = states.find((each) => each.purpose === purpose);
    if (found === undefined || (said !== 'yes' && said !== 'no')) throw privacyFailure('PURPOSE_UNKNOWN');
    // a no is taken whenever it is said; who has said it already is not written down again and again
    const calm = await needs.privacy.signIn.isCalm(customer.subjectId, 'decides');
    if (!calm && said === 'yes') throw slowDown();
    const notice = await needs.privacy.notices.published();
    const text = choiceText(found, texts, frame.say, said, states);
    await needs.privacy.consents.record(by(customer, request), holder(customer), {
      said: [{ purpose, said: saidBy(found, said) }], repeats: calm ? 'keep' : 'skip',
      shown: { text, language: frame.language, variant: 'center/preferences', method: 'web', notice: notice?.hash ?? null, jurisdiction: null, evidence: null },
    }); // prettier-ignore
    return ['preferences', 'saved'];
  });

  const data = async ({ subjectId, proofs, frame, texts }: Customer, request: FastifyRequest): Promise<string> => {
    const shown = (request.query as Query).show === 'all' ? 'clear' : 'masked';
    await requireCalm(needs, subjectId);
    if (shown === 'clear') await needs.privacy.requests.prove.requireOf(subjectId, proofs);
    const by = await needs.privacy.myData.reader(request.id);
    let unread = 0;
    const damaged = (): void => void (unread += 1);
    const records = await first(RECORDS_SHOWN, flat(needs.privacy.myData.pages(by, subjectId, shown, damaged)));
    // a name may say as much as the file
    const files =
      shown === 'masked' ? [] : await first(RECORDS_SHOWN, needs.privacy.myData.files(by, subjectId, damaged));
    const restriction = await needs.privacy.restrictions.of(subjectId);
    const isProven = await needs.privacy.requests.prove.isEnoughOf(subjectId, proofs);
    return dataPage(frame, records, files, texts, shown, unread, restriction, isProven);
  };
  get('/center/data', async (request, reply) => sendPage(reply, await data(await customerOf(needs, request, 'data'), request))); // prettier-ignore

  // JSON and CSV say everything but the contents of files; all of it is a copy, and only that answers a request for one
  const downloads: readonly Download[] = [
    { url: '/center/data.json', type: 'application/json; charset=utf-8', kinds: ['access'], make: (of, missing) => jsonOf(needs.privacy, of, missing) },
    { url: '/center/data.csv', type: 'text/csv; charset=utf-8', kinds: [], make: (of, missing) => csvOf(needs.privacy, of, missing) },
    { url: '/center/data.zip', type: 'application/zip', kinds: ['access', 'copy'], make: (of, missing) => zipCopy(needs.privacy, of, new Date(), missing) },
  ]; // prettier-ignore
  for (const { url, type, kinds, make } of downloads)
    get(url, async (request, reply) => {
      const customer = await customerOf(needs, request, 'data');
      const { subjectId, proofs } = customer;
      await requireCalm(needs, subjectId);
      const kind = kinds.at(-1);
      if (kind !== undefined) await needs.privacy.requests.ask(by(customer, request), { subjectId, kind, words: null, proofs });
      // asked for is asked for: people answer who cannot show it better
      await needs.privacy.requests.prove.requireOf(subjectId, proofs);
      const missing = createMissing();
      const source = make({ by: await needs.privacy.myData.reader(request.id), subjectId }, missing);
      // what is wrong at its beginning can still be answered for
      const begun = await source.next();
      const done = () =>
        missing.count === 0
          ? needs.privacy.requests.answered(by(customer, request), subjectId, kinds)
          : needs.privacy.requests.incomplete(by(customer, request), subjectId, missing);
      return reply
        .headers({ 'content-type': type, 'content-disposition': `attachment; filename="my-data.${url.split('.')[1]}"`, 'cache-control': 'no-store' })
        .send(Readable.from(rest(begun, source, done), { objectMode: false }));
    }); // prettier-ignore

  const seen = async (customer: Customer, before: number | null, says: string | null): Promise<string> => {
    const entries = await needs.privacy.seen.list(customer.subjectId, { before, limit: SEEN_ON_A_PAGE });
    const older = entries.length === SEEN_ON_A_PAGE ? (entries.at(-1)?.index ?? null) : null;
    const doubted = await needs.privacy.requests.doubts(
      customer.subjectId,
      entries.map(({ index }) => index),
    );
    return seenPage(customer.frame, { entries, older, doubted }, customer.texts, says);
  };
  get('/center/seen', async (request, reply) => {
    const { before } = request.query as Query;
    const customer = await customerOf(needs, request, 'seen');
    await needs.privacy.seen.fold();
    return sendPage(
      reply,
      await seen(customer, before === undefined ? null : Number(before), toldIn(request, customer.frame)),
    );
  });
  get('/center/seen/:entry', async (request, reply) => {
    const { subjectId } = await customerOf(needs, request, 'seen');
    const proof = await needs.privacy.seen.proof(subjectId, indexIn((request.params as { entry: string }).entry));
    return reply
      .headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
      .header('content-disposition', 'attachment; filename="proof.tlog-proof"')
      .send(proof);
  });
  poster('/center/doubt', 'seen', async (customer, { entry = '' }, request) => {
    const index = indexIn(entry);
    // about somebody else it is as if it were not there
    if (!(await needs.privacy.seen.isAbout(customer.subjectId, index))) throw privacyFailure('REQUEST_NOT_FOUND');
    await needs.privacy.requests.ask(by(customer, request), { subjectId: customer.subjectId, kind: 'doubt', words: null, entry: index, language: customer.frame.language }); // prettier-ignore
    return ['seen', 'doubtTaken'];
  });

  const asked = async (customer: Customer, says: string | null): Promise<string> =>
    requestsPage(
      customer.frame,
      await needs.privacy.requests.of(customer.subjectId),
      customer.texts,
      await needs.privacy.restrictions.of(customer.subjectId),
      says,
    );
  correctRoutes({ get, post }, needs);
  get('/center/requests', async (request, reply) => {
    const customer = await customerOf(needs, request, 'requests');
    return sendPage(reply, await asked(customer, toldIn(request, customer.frame)));
  });
  poster('/center/requests', 'requests', async (customer, { kind = '', words = '' }, request) => {
    if (!(KINDS as readonly string[]).includes(kind) || kind === 'doubt') throw privacyFailure('REQUEST_NOT_FOUND');
    const { subjectId, proofs, frame } = customer;
    await needs.privacy.requests.ask(by(customer, request), { subjectId, kind: kind as RequestKind, words: wordsIn(words) || null, language: frame.language, proofs }); // prettier-ignore
    // what is asked for is there: it is answered when it was downloaded, and a task for people until then
    return kind === 'copy' || kind === 'access' ? ['data'] : ['requests', 'doubtTaken'];
  });
  // of their own requests; another's is as if it were not there
  poster('/center/requests/withdraw', 'requests', async (customer, { request: id = '' }, request) => {
    await needs.privacy.requests.withdraw(by(customer, request), id, customer.subjectId, {}, customer.proofs);
    return ['requests', 'withdrawn'];
  });
  for (const [act, done] of [['reply', 'replied'], ['appeal', 'appealed']] as const)
    poster(`/center/requests/${act}`, 'requests', async (customer, { request: id = '', words = '' }, request) => {
      await needs.privacy.requests[act](by(customer, request), id, customer.subjectId, { words: said(words) }, customer.proofs);
      return ['requests', done];
    }); // prettier-ignore
}
/** @throws PRIVACY_REQUEST_NOT_FOUND for what no entry of the log is called */
function indexIn(entry: string): number {
  if (!/^\d{1,15}$/.test(entry)) throw privacyFailure('REQUEST_NOT_FOUND');
  return Number(entry);
}
/** @throws PRIVACY_WORDS_NEEDED */
function said(words: string): string {
  if (words.trim() === '') throw privacyFailure('WORDS_NEEDED');
  return wordsIn(words);
}

type Download = Readonly<{
  url: string;
  type: string;
  /** What somebody asked for who gets it. */
  kinds: readonly RequestKind[];
  make: (of: CopyOf, missing: Missing) => AsyncGenerator<string | Buffer>;
}>;

/** @param done when all of it was taken; of what was cut off nothing is answered */
export async function* rest<T>(begun: IteratorResult<T>, source: AsyncGenerator<T>, done: () => Promise<void>): AsyncGenerator<T> {
  if (begun.done !== true) {
    yield begun.value;
    yield* source;
  }
  await done();
} // prettier-ignore

async function* flat<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page;
}
async function first<T>(most: number, items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) === most) break;
  return found;
}
