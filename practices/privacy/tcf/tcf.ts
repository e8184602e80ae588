/**
 * The IAB's TCF as one object: off until somebody sets what stands for what. A string is written from what the ledger says
 * holds, and never says more; one that comes in is recorded as what it says, with itself as the evidence.
 *
 * INVARIANT: a string that comes in gives nothing back that was taken back after it was made. It carries a day, and no
 * signature: a yes counts from the beginning of that day, a no until its end.
 */
import { createHash } from 'node:crypto';

import type { VendorList } from '@iabtechlabtcf/core';

import { canonicalJson, type Audit, type Json } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import type { Catalog } from '#practices/collection';

import type { By, Consents, Holder, PurposeState } from '../consent/consents.ts';
import type { Recorded } from '../consent/history.ts';
import { saidBy } from '../consent/wording.ts';
import { privacyFailure } from '../failures.ts';
import { insertList, insertSettings, newestList, newestSettings } from '../store/tcf.ts';
import { checkSettings, partnersOf, partOf, readVendorList, type Partner, type TcfSettings } from './settings.ts';
import type { TcFacts } from './string.ts';

export type TcfStanding = Readonly<{
  settings: TcfSettings;
  vendorListVersion: number;
  policyVersion: number;
  list: VendorList;
  setAt: Date;
  setBy: string;
}>;
export type Ignored = Readonly<{ purpose: string; because: 'older' | 'over' }>;
/** What a page is told: who is named, and what a vendor reads. */
export type TcfOffer = Readonly<{
  tcString: string | null;
  vendors: readonly Partner[];
  /** Null: no string is written. */
  cmp: Readonly<{ id: number; version: number }> | null;
}>;
export type Tcf = {
  standing: () => Promise<TcfStanding | null>;
  /** @param list as the IAB publishes it; undefined: the newest that is here @throws PRIVACY_TCF_SETTINGS, PRIVACY_TCF_LIST_INVALID, PRIVACY_TCF_LIST_MISSING */
  set: (by: By, settings: TcfSettings, list: unknown) => Promise<TcfStanding>;
  /** @throws PRIVACY_TCF_INVALID */
  decode: (text: string) => Promise<TcFacts>;
  /** @param mayBringYes to a purpose: who brings it @throws PRIVACY_TCF_OFF, PRIVACY_TCF_INVALID, PRIVACY_TCF_OUTDATED, PRIVACY_KEY_PURPOSES, and as consents do */
  record: (by: By, holder: Holder, text: string, mayBringYes: (purpose: string) => boolean) => Promise<Readonly<{ facts: TcFacts; events: readonly Recorded[]; ignored: readonly Ignored[] }>>;
  /** @param shown vendors that the person was shown, and no others @throws PRIVACY_TCF_OFF, PRIVACY_TCF_NO_CMP */
  write: (holder: Holder, shown: readonly number[], language: string) => Promise<string>;
  /** Null where it is off; no string before something was said. */
  offer: (states: readonly PurposeState[], shown: readonly number[], language: string) => Promise<TcfOffer | null>;
}; // prettier-ignore
export type TcfNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  audit: Pick<Audit, 'appendIn'>;
  consents: Pick<Consents, 'record' | 'states'>;
}>;

/** The IAB's library is loaded where somebody has a string: most have none. */
const strings = () => import('./string.ts');

const DAY_MS = 86_400_000;
/** TCF policies: people are asked again after 13 months. */
const HOLDS_MS = 390 * DAY_MS;
const EVERYWHERE = ['EN', 'DE', 'FR', 'ES'];

export function createTcf({ db, clock, catalog, audit, consents }: TcfNeeds): Tcf {
  const standing = async (statements: Statements = db): Promise<TcfStanding | null> => {
    const row = await newestSettings(statements);
    if (row === null) return null;
    const list = row.list as VendorList;
    return {
      settings: row.settings as TcfSettings, vendorListVersion: row.list_version, policyVersion: list.tcfPolicyVersion,
      list, setAt: row.set_at, setBy: row.set_by,
    }; // prettier-ignore
  };
  const required = async (): Promise<TcfStanding> => {
    const found = await standing();
    if (found === null) throw privacyFailure('TCF_OFF');
    return found;
  };
  const stringOf = async ({ settings, list }: TcfStanding, states: readonly PurposeState[], shown: readonly number[], language: string): Promise<string> => {
    if (settings.cmpId === null) throw privacyFailure('TCF_NO_CMP');
    const { consents: consented, legitimateInterests, specialFeatures, lastWord } = signsOf(settings, states);
    const disclosed = settings.vendors.filter((id) => shown.includes(id) && list.vendors[String(id)] !== undefined);
    const reached = (id: number, by: 'purposes' | 'legIntPurposes', given: readonly number[]): boolean =>
      list.vendors[String(id)]?.[by].some((each) => given.includes(each)) === true;
    const { writeTcString } = await strings();
    return writeTcString(list, {
      cmpId: settings.cmpId, cmpVersion: settings.cmpVersion, publisherCountry: settings.publisherCountry,
      language: EVERYWHERE.includes(language.toUpperCase()) ? language : 'en', at: lastWord ?? clock(),
      consents: consented, legitimateInterests, specialFeatures, vendorsDisclosed: disclosed,
      vendorConsents: disclosed.filter((id) => reached(id, 'purposes', consented)),
      vendorLegitimateInterests: disclosed.filter((id) => reached(id, 'legIntPurposes', legitimateInterests)),
    });
  }; // prettier-ignore
  return {
    standing: () => standing(),
    set: async (by, settings, given) => {
      const list = given === undefined ? null : readVendorList(given);
      return transact(db, async (tx) => {
        const there = await newestList(tx);
        const used = list ?? (there?.list as VendorList | undefined);
        if (used === undefined) throw privacyFailure('TCF_LIST_MISSING');
        if (there !== null && used.vendorListVersion < there.version)
          throw privacyFailure('TCF_LIST_INVALID', { detail: `version ${there.version} is here already, and a list is never older than the one before` }); // prettier-ignore
        checkSettings(catalog(), used, settings);
        const at = clock();
        const hash = createHash('sha256').update(canonicalJson(used as unknown as Json)).digest(); // prettier-ignore
        if (list !== null && !(await insertList(tx, { version: used.vendorListVersion, hash, list, at, by: by.actor.id })))
          throw privacyFailure('TCF_LIST_INVALID', { detail: `version ${used.vendorListVersion} is here already, with another content` }); // prettier-ignore
        await insertSettings(tx, {
          settings, list_version: used.vendorListVersion, list: partOf(used, settings), set_at: at, set_by: by.actor.id,
        }); // prettier-ignore
        await audit.appendIn(tx, {
          action: 'privacy.tcf.set', actor: by.actor, outcome: 'done',
          detail: {
            cmp: settings.cmpId ?? 'none', vendor: settings.vendorId ?? 'none', vendors: settings.vendors.map(String),
            purposes: settings.purposes.map(({ purpose, tcf, specialFeatures }) => `${purpose} ${[...tcf, ...specialFeatures.map((id) => `special ${id}`)].join(' ')}`),
            vendorListVersion: used.vendorListVersion, listHash: hash.toString('hex'),
          },
          ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
        }); // prettier-ignore
        return (await standing(tx)) as TcfStanding;
      });
    },
    decode: async (text) => (await strings()).readTcString(text, clock()),
    record: async (by, holder, text, mayBringYes) => {
      const { settings, policyVersion } = await required();
      const facts = (await strings()).readTcString(text, clock());
      // "a new policy version invalidates existing strings" (TC string format, TcfPolicyVersion)
      if (facts.policyVersion < policyVersion) throw privacyFailure('TCF_OUTDATED');
      const states = new Map((await consents.states(holder)).map((state) => [state.purpose, state]));
      const now = clock();
      const [from, to] = momentsOf(facts.lastUpdated, now);
      const expiresAt = new Date(from.getTime() + HOLDS_MS);
      const [said, ignored]: [{ purpose: string; said: Recorded['said']; expiresAt: Date | null; since: Date }[], Ignored[]] = [[], []];
      for (const each of settings.purposes) {
        const state = states.get(each.purpose);
        if (state === undefined || state.choice === 'group') continue;
        const answer = answerOf(facts, settings, each, state.choice);
        if (answer === 'yes' && expiresAt <= now) ignored.push({ purpose: each.purpose, because: 'over' });
        else said.push({ purpose: each.purpose, said: saidBy(state, answer), ...(answer === 'yes' ? { expiresAt, since: from } : { expiresAt: null, since: to }) });
      }
      if (said.some((each) => each.said === 'given' && !mayBringYes(each.purpose))) throw privacyFailure('KEY_PURPOSES');
      const { events, late } = await consents.record(by, holder, {
        said, repeats: 'skip',
        shown: { text: wordsOf(facts), language: facts.language.toLowerCase(), variant: `iab-tcf/cmp-${facts.cmpId}.${facts.cmpVersion}/screen-${facts.screen}`, method: 'web', notice: null, jurisdiction: facts.publisherCountry === 'AA' ? null : facts.publisherCountry, evidence: text },
      });
      ignored.push(...late.map((purpose) => ({ purpose, because: 'older' as const })));
      return { facts, events, ignored };
    },
    write: async (holder, shown, language) => {
      const found = await required();
      return stringOf(found, await consents.states(holder), shown, language);
    },
    offer: async (states, shown, language) => {
      const found = await standing();
      if (found === null) return null;
      const { settings, list } = found;
      const asked = new Set(settings.purposes.map(({ purpose }) => purpose));
      const answered = states.some(({ purpose, state }) => asked.has(purpose) && state !== 'notAsked');
      return {
        tcString: settings.cmpId === null || !answered ? null : await stringOf(found, states, shown, language),
        vendors: partnersOf(list, language),
        cmp: settings.cmpId === null ? null : { id: settings.cmpId, version: settings.cmpVersion },
      };
    },
  }; // prettier-ignore
}

/** What holds of ours, as the TCF numbers it: where several of ours stand for one of theirs, all of them have to hold. */
function signsOf({ purposes }: TcfSettings, states: readonly PurposeState[]): Readonly<{ consents: number[]; legitimateInterests: number[]; specialFeatures: number[]; lastWord: Date | null }> {
  const found = new Map(states.map((state) => [state.purpose, state]));
  const holding = (choice: 'consent' | 'objection', of: 'tcf' | 'specialFeatures'): number[] => {
    const held = new Map<number, boolean>();
    for (const each of purposes) {
      const state = found.get(each.purpose);
      for (const id of each[of]) {
        const holds = state?.choice === choice && state.used;
        // one of ours on the other basis says nothing about this one
        if (state === undefined || state.choice === choice) held.set(id, (held.get(id) ?? true) && holds);
      }
    }
    return [...held].flatMap(([id, holds]) => (holds ? [id] : [])).toSorted((a, b) => a - b);
  };
  const times = purposes.flatMap(({ purpose }) => found.get(purpose)?.since ?? []).map((at) => new Date(at).getTime());
  return {
    consents: holding('consent', 'tcf'),
    legitimateInterests: holding('objection', 'tcf'),
    specialFeatures: holding('consent', 'specialFeatures'),
    lastWord: times.length === 0 ? null : new Date(Math.max(...times)),
  };
} // prettier-ignore

/** Yes where every part of it is: what was said to the publisher, or to the vendor that we are. */
function answerOf(facts: TcFacts, { vendorId }: TcfSettings, { tcf, specialFeatures }: TcfSettings['purposes'][number], choice: 'consent' | 'objection'): 'yes' | 'no' {
  const byConsent = choice === 'consent';
  const theirs = byConsent ? facts.purposeConsents : facts.purposeLegitimateInterests;
  const publishers = byConsent ? facts.publisher?.consents : facts.publisher?.legitimateInterests;
  const given = vendorId === null ? (publishers ?? theirs) : theirs;
  const vendors = byConsent ? facts.vendorConsents : facts.vendorLegitimateInterests;
  const against = byConsent ? 'legitimate interest only' : 'consent only';
  const barred = facts.restrictions.some(({ purpose, rule, vendors: whom }) =>
    vendorId !== null && tcf.includes(purpose) && (rule === 'not allowed' || rule === against) && whom.includes(vendorId));
  const isOurs = vendorId === null || (vendors.includes(vendorId) && !barred && facts.vendorsDisclosed?.includes(vendorId) !== false);
  const whole = tcf.every((id) => given.includes(id)) && specialFeatures.every((id) => facts.specialFeatures.includes(id));
  return isOurs && whole && tcf.length + specialFeatures.length > 0 ? 'yes' : 'no';
} // prettier-ignore

/** When it was said: from TCF 2.2 on a string has a day, and any moment of it may be meant; of a clock that is ahead, any of today. */
function momentsOf(said: Date, now: Date): readonly [from: Date, to: Date] {
  const at = said > now ? new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS) : said;
  return [at, at.getTime() % DAY_MS === 0 ? new Date(at.getTime() + DAY_MS) : at];
}

/** What the string says somebody was shown and answered; the texts themselves are the IAB's, by their version. */
const wordsOf = ({ cmpId, language, vendorListVersion, policyVersion, purposeConsents, purposeLegitimateInterests, specialFeatures }: TcFacts): string =>
  `IAB TCF, policy ${policyVersion}, vendor list ${vendorListVersion}, shown by CMP ${cmpId} in ${language}: consent to purposes ${purposeConsents.join(', ') || 'none'}; legitimate interest for ${purposeLegitimateInterests.join(', ') || 'none'}; special features ${specialFeatures.join(', ') || 'none'}`; // prettier-ignore
