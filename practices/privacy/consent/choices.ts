/** What visitors of the company's own sites decide: offered to anybody, recorded for who holds a token, or for somebody anonymous. */
import type { KeyObject } from 'node:crypto';

import { hmacSha256 } from '#platform/crypto';
import type { Db } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import type { Catalog } from '#practices/collection';

import { privacyFailure } from '../failures.ts';
import type { Texts } from '../notice/facts.ts';
import { sayIn, type Language } from '../notice/languages.ts';
import type { Notices } from '../notice/notices.ts';
import { count } from '../store/customers.ts';
import { choiceToken, openChoiceToken } from './choice-token.ts';
import { holderText, type By, type Consents, type Holder, type PurposeState } from './consents.ts';
import type { Recorded } from './history.ts';
import type { Controller } from './receipt.ts';
import { choiceOf, fieldsOnConsent } from './said.ts';
import { choiceText, choiceTitle, choiceRule, saidBy } from './wording.ts';
import type { Tcf, TcfOffer } from '../tcf/tcf.ts';

export type Answer = Readonly<{ purpose: string; answer: 'yes' | 'no' }>;
export type Offered = Readonly<{
  controller: string;
  /** Hash of the published notice, which is shown with it. */
  notice: string | null;
  language: Language;
  gpc: boolean;
  words: Readonly<Record<(typeof WORDS)[number], string>>;
  purposes: readonly Readonly<{ purpose: string; title: string; rule: string; choice: 'consent' | 'objection'; used: boolean; sharedForAds: boolean; answered: boolean }>[];
  /** Null where the IAB's TCF is off. */
  tcf: TcfOffer | null;
}>; // prettier-ignore
type Asking = Readonly<{
  language: Language;
  holder: Holder | null;
  /** By which they are known. */
  token?: string | undefined;
  gpc: boolean;
  /** Of the TCF, that the page has shown: a string says so of no others. */
  vendors: readonly number[];
  by: Omit<By, 'actor'>;
}>;

export type Choices = {
  /** @throws PRIVACY_TOKEN_INVALID */
  holderOf: (token: string | undefined) => Holder | null;
  /** A token of who is not anonymous; a page of the site hands it to the widget. */
  tokenFor: (holder: Holder, minutes: number) => Readonly<{ token: string; expiresAt: Date }>;
  /** A signal of the browser counts at once for a holder who is known. */
  offer: (asking: Asking) => Promise<Offered>;
  /** @param from where it comes from, as it is counted @throws PRIVACY_SLOW_DOWN, PRIVACY_NO_KEPT when a no beside it was recorded, PRIVACY_PURPOSE_UNKNOWN, PRIVACY_SUBJECT_NOT_FOUND */
  set: (asking: Asking, answers: readonly Answer[], shown: { from: string; variant: string }) => Promise<{ holder: Holder; name: string; token: string; events: readonly Recorded[] }>;
}; // prettier-ignore
export type ChoiceNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  linkKey: KeyObject;
  controller: () => Controller;
  consents: Consents;
  notices: Notices;
  tcf: Pick<Tcf, 'offer'>;
  catalogTexts: () => Texts;
}>;

const WORDS = ['widgetTitle', 'widgetText', 'widgetGpc', 'partners', 'notSaved', 'noKept', 'acceptAll', 'refuseAll', 'choose', 'save', 'saved', 'reopen', 'yes', 'no', 'notice', 'gpc'] as const; // prettier-ignore
/** In a quarter of an hour, of visitors nobody knows, with a token or without: many visitors share an address behind one router, and nobody decides so often. */
const PER_SOURCE = 300;
/** Of who is known. Of whoever holds a token a no is taken whenever it is said. */
const PER_HOLDER = 60;
/** CNIL, guidelines on cookies: a choice is kept for six months; the token to change it for longer than that. */
const ANONYMOUS_DAYS = 396;

export function createChoices(needs: ChoiceNeeds): Choices {
  const { db, clock, catalog, linkKey, consents, notices } = needs;
  const published = async (language: Language): Promise<{ notice: string | null; texts: Texts }> => {
    const found = await notices.published();
    const texts = found?.texts[language] ?? found?.texts[found.languages[0] ?? 'en'] ?? needs.catalogTexts();
    return { notice: found?.hash ?? null, texts };
  };
  /** What holds for somebody who never said anything. */
  const unsaid = (gpc: boolean): PurposeState[] =>
    [...catalog().purposes.values()].flatMap((purpose): PurposeState[] => {
      const choice = choiceOf(catalog(), purpose);
      if (choice === 'none') return [];
      const sharedForAds = purpose.sharedForAds === true;
      const used = choice === 'objection' && !(gpc && sharedForAds);
      return [{ purpose: purpose.id, title: purpose.title, description: purpose.description, choice, state: 'notAsked', fields: fieldsOnConsent(catalog(), purpose), used, since: null, expiresAt: null, sharedForAds }];
    }); // prettier-ignore
  const hearSignal = async ({ holder, gpc, by }: Asking): Promise<void> => {
    if (holder === null || !gpc) return;
    const shown = { text: null, language: null, variant: 'Sec-GPC: 1', method: 'web', notice: null, jurisdiction: null, evidence: null }; // prettier-ignore
    await consents.record({ ...by, actor: actorOf(holder) }, holder, { said: [], gpc: 'on', repeats: 'skip', shown });
  };
  const tokenUntil = (holder: Holder, ms: number) => {
    const expiresAt = new Date(clock().getTime() + ms);
    return { token: choiceToken(linkKey, holder, expiresAt), expiresAt };
  };
  return {
    holderOf: (token) => {
      if (token === undefined) return null;
      const holder = openChoiceToken(linkKey, token, clock());
      if (holder === null) throw privacyFailure('TOKEN_INVALID');
      return holder;
    },
    tokenFor: (holder, minutes) => tokenUntil(holder, minutes * 60_000),
    offer: async (asking) => {
      const { language, holder, gpc, vendors } = asking;
      await hearSignal(asking);
      const [{ notice, texts }, say, controller] = [
        await published(language),
        sayIn(language),
        needs.controller().name,
      ];
      const states = holder === null ? unsaid(gpc) : await consents.states(holder);
      return {
        controller, notice, language, gpc,
        words: Object.fromEntries(WORDS.map((key) => [key, say(key, { controller })])) as Offered['words'],
        // a group is declined in the center; here each purpose stands for itself
        purposes: states.flatMap((state) => state.choice === 'group' ? [] : [{
          purpose: state.purpose, title: choiceTitle(state, texts, say), rule: choiceRule(state, texts, say), choice: state.choice,
          used: state.used, sharedForAds: state.sharedForAds, answered: state.state !== 'notAsked',
        }]),
        tcf: await needs.tcf.offer(states, vendors, language),
      }; // prettier-ignore
    },
    set: async (asking, answers, { from, variant }) => {
      // who is known is counted as themselves: no other one behind their router keeps them waiting. A token of somebody anonymous
      // is anybody's who asks for it: they are counted as where they come from
      const known = asking.holder?.kind === 'subject' ? asking.holder : null;
      const who = known === null ? ['source', from] : ['holder', known.id];
      const often = await count(db, hmacSha256(linkKey, JSON.stringify([`strongroom/choices/${who[0]}/1`, who[1]])));
      const slow = often > (known === null ? PER_SOURCE : PER_HOLDER);
      const saysNo = answers.some(({ answer }) => answer === 'no');
      const wait = { extra: { retryAfterSeconds: 900 } };
      if (slow && (asking.holder === null || !saysNo)) throw privacyFailure('SLOW_DOWN', wait);
      const { language, by, vendors } = asking;
      const holder = asking.holder ?? { kind: 'anonymous', id: uuidv7(clock().getTime()) };
      await hearSignal({ ...asking, holder });
      const [{ notice, texts }, say] = [await published(language), sayIn(language)];
      const states = new Map((await consents.states(holder)).map((state) => [state.purpose, state]));
      const events: Recorded[] = [];
      const decided = answers.map(({ purpose, answer }) => {
        const state = states.get(purpose);
        if (state === undefined || state.choice === 'group') throw privacyFailure('PURPOSE_UNKNOWN');
        return { state, answer };
      });
      const evidence = vendors.length === 0 ? null : `vendors shown: ${vendors.join(', ')}`;
      // a no beside a yes that has to wait is taken all the same
      for (const { state, answer } of decided.filter((each) => !slow || each.answer === 'no')) {
        const shown = { text: choiceText(state, texts, say, answer), language, variant, method: 'web', notice, jurisdiction: null, evidence }; // prettier-ignore
        const said = [{ purpose: state.purpose, said: saidBy(state, answer) }];
        const done = await consents.record({ ...by, actor: actorOf(holder) }, holder, { said, shown, repeats: 'skip' });
        events.push(...done.events);
      }
      if (slow && answers.some(({ answer }) => answer === 'yes')) throw privacyFailure('NO_KEPT', wait);
      // of a subject it ends when it was said to: whoever got hold of one does not keep it alive by using it
      const token =
        holder.kind === 'subject' ? (asking.token ?? '') : tokenUntil(holder, ANONYMOUS_DAYS * 86_400_000).token;
      return { holder, name: holderText(holder), token, events };
    },
  };
}

/** Somebody anonymous is no actor that the log could name: the site is, through which it was said. */
const actorOf = (holder: Holder): By['actor'] =>
  holder.kind === 'subject' ? { kind: 'subject', id: holder.id } : { kind: 'system', id: 'site' };
