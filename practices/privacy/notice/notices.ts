/** Notices as one object: what is published, what would be today, and whether the two agree. */
import { type Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import type { Catalog } from '#practices/collection';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import { findNotice, insertNotice, noteDrift, noticeVersions, type NoticeRow } from '../store/notices.ts';
import { diffNotices, type NoticeChange } from './diff.ts';
import { catalogTexts, hashOf, noticeFacts, type NoticeFacts, type NoticeSettings, type Texts } from './facts.ts';
import { isLanguage, sayIn, type Language } from './languages.ts';
import { noticeLayers } from './layers.ts';

export type Translations = Readonly<Partial<Record<Language, Texts>>>;
export type Notice = Readonly<{
  hash: string;
  facts: NoticeFacts;
  languages: readonly Language[];
  texts: Translations;
  publishedAt: Date;
  publishedBy: string;
}>;
export type NoticeStanding = Readonly<{
  published: Notice | null;
  /** Of what would be published today. */
  draft: Readonly<{ factsHash: string; facts: NoticeFacts; texts: Texts }>;
  /** What is enforced and not said, or said and not enforced. Not empty: a finding. */
  drift: readonly Readonly<NoticeChange & { words: string }>[];
  /** Settings without which no notice can be honest. */
  missing: readonly string[];
}>;

export type Notices = {
  standing: () => Promise<NoticeStanding>;
  /**
   * @param factsHash of the draft that the person read: another one has taken its place otherwise
   * @throws PRIVACY_NOTICE_STALE, PRIVACY_NOTICE_INCOMPLETE with what is missing
   */
  publish: (by: By, ask: { factsHash: string; languages: readonly string[]; translations: Readonly<Record<string, Texts>> }) => Promise<Notice>;
  published: () => Promise<Notice | null>;
  get: (hash: string) => Promise<Notice | null>;
  list: () => Promise<readonly Readonly<{ hash: string; publishedAt: Date; changes: readonly NoticeChange[] }>[]>;
  /** Writes into the log, once for each, that what is published is not what is enforced. @returns the drift */
  watch: () => Promise<readonly NoticeChange[]>;
}; // prettier-ignore

export type NoticeNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  audit: Pick<Audit, 'appendIn'>;
  noticeSettings: () => NoticeSettings;
}>;

/** The language of the catalogue. */
const BASE: Language = 'en';
/** Of the archive, on a page. */
const VERSIONS_SHOWN = 200;
const NOTICES_KEPT = 4;

/** What never changes is made once for each key; of more than `most` the oldest is forgotten. A failure is not kept, nor that there is nothing yet. */
function remembering<T>(most: number, make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const there = made.get(key);
    if (there !== undefined) return there;
    const making = make(key);
    made.set(key, making);
    making.then(
      (value) => value === null && made.delete(key),
      () => made.delete(key),
    );
    const [oldest] = made.keys();
    if (made.size > most && oldest !== undefined) made.delete(oldest);
    return making;
  };
}

export function createNotices(needs: NoticeNeeds): Notices {
  const { db, clock, catalog, audit, noticeSettings } = needs;
  const asNotice = (row: NoticeRow): Notice => ({
    hash: row.hash.toString('hex'),
    facts: row.facts as NoticeFacts,
    languages: row.languages.filter(isLanguage),
    texts: row.texts,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
  });
  const read = async (hash: Buffer): Promise<Notice | null> => {
    const row = await findNotice(db, hash);
    return row === null ? null : asNotice(row);
  };
  // a notice never changes, and neither does what is between two of them: each is read once, not with every page
  const readOnce = remembering(NOTICES_KEPT, (hex: string) => read(Buffer.from(hex, 'hex')));
  const changesOnce = remembering(VERSIONS_SHOWN, async (pair: string): Promise<readonly NoticeChange[]> => {
    const [before, now] = [await read(Buffer.from(pair.slice(0, 64), 'hex')), await read(Buffer.from(pair.slice(64), 'hex'))];
    return before === null || now === null ? [] : diffNotices(before.facts, now.facts);
  }); // prettier-ignore
  /** As it stands there, for who compares it with what is enforced. */
  const publishedNow = async (): Promise<Notice | null> => {
    const [newest] = await noticeVersions(db, 1);
    return newest === undefined ? null : read(newest.hash);
  };
  const published = async (): Promise<Notice | null> => {
    const [newest] = await noticeVersions(db, 1);
    if (newest === undefined) return null;
    const found = await readOnce(newest.hash.toString('hex'));
    // the same text may have been published again since
    return found?.publishedAt.getTime() === newest.published_at.getTime()
      ? found
      : found && { ...found, publishedAt: newest.published_at, publishedBy: newest.published_by };
  };
  const draft = () => {
    const facts = noticeFacts(catalog(), noticeSettings());
    return { facts, factsHash: hashOf(facts), texts: catalogTexts(catalog()) };
  };
  const missingOf = ({ contact, regions, purposes }: NoticeFacts): string[] => [
    ...(contact === null ? ['STRONGROOM_CONTROLLER_CONTACT'] : []),
    ...(regions.length === 0 ? ['STRONGROOM_REGIONS'] : []),
    ...(purposes.length === 0 ? ['a purpose that some field is held for'] : []),
  ];
  return {
    published,
    standing: async () => {
      const [now, before] = [draft(), await publishedNow()];
      const texts = { ...before?.texts[BASE], ...now.texts };
      const say = sayIn(BASE);
      const drift = before === null ? [] : diffNotices(before.facts, now.facts);
      return {
        published: before,
        draft: now,
        drift: drift.map((each) => ({ ...each, words: say(each.says, { what: texts[each.what] ?? each.what }) })),
        missing: missingOf(now.facts),
      };
    },
    publish: async (by, { factsHash, languages, translations }) => {
      const { facts, factsHash: current, texts: base } = draft();
      if (factsHash !== current) throw privacyFailure('NOTICE_STALE');
      const missing: string[] = [...missingOf(facts)];
      const texts: Partial<Record<Language, Texts>> = { [BASE]: base };
      for (const language of languages) {
        if (!isLanguage(language)) missing.push(`messages in ${language}`);
        else if (language !== BASE) {
          const own = Object.hasOwn(translations, language) ? (translations[language] as Texts) : {};
          const lacking = Object.keys(base).filter((key) => !Object.hasOwn(own, key) || own[key]?.trim() === '');
          missing.push(...lacking.map((key) => `${language}: ${key}`));
          texts[language] = Object.fromEntries(Object.keys(base).map((key) => [key, own[key] ?? '']));
        }
      }
      if (missing.length > 0) throw privacyFailure('NOTICE_INCOMPLETE', { extra: { missing: missing.slice(0, 200) } });
      const there = [...new Set([BASE, ...languages.filter(isLanguage)])];
      // every layer is made once before it is said: a claim without a binding throws
      for (const language of there) noticeLayers(facts, texts[language] as Texts, language);
      const hash = hashOf({ facts, texts, languages: there });
      return transact(db, async (tx) => {
        const row = await insertNotice(tx, {
          hash: Buffer.from(hash, 'hex'), facts, texts, languages: there, published_at: clock(), published_by: by.actor.id,
        }); // prettier-ignore
        await audit.appendIn(tx, {
          action: 'privacy.notice.publish', actor: by.actor, outcome: 'done', detail: { notice: hash, languages: there },
          ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
        }); // prettier-ignore
        return asNotice(row);
      });
    },
    get: async (hash) => (/^[0-9a-f]{64}$/.test(hash) ? read(Buffer.from(hash, 'hex')) : null),
    list: async () => {
      const all = await noticeVersions(db, VERSIONS_SHOWN + 1);
      const listed = [];
      for (const [at, { hash, published_at: publishedAt }] of all.slice(0, VERSIONS_SHOWN).entries()) {
        const [hex, before] = [hash.toString('hex'), all[at + 1]?.hash.toString('hex')];
        listed.push({ hash: hex, publishedAt, changes: before === undefined ? [] : await changesOnce(`${before}${hex}`) });
      }
      return listed;
    }, // prettier-ignore
    watch: async () => {
      const before = await publishedNow();
      const { facts, factsHash } = draft();
      const drift = before === null ? [] : diffNotices(before.facts, facts);
      if (before === null || drift.length === 0) return [];
      await transact(db, async (tx) => {
        if (!(await noteDrift(tx, Buffer.from(before.hash, 'hex'), Buffer.from(factsHash, 'hex')))) return;
        await audit.appendIn(tx, {
          action: 'privacy.notice.drift', actor: { kind: 'system', id: 'notice' }, outcome: 'failed',
          detail: { notice: before.hash, facts: factsHash, changes: drift.slice(0, 100).map(({ says, what }) => `${says} ${what}`) },
        }); // prettier-ignore
      });
      return drift;
    },
  };
}
