/** A template of a phishing exercise: the mail, the page behind its link, and what is to be learned from it. Markdown. */
import Type from 'typebox';

import { readDocument, sectionsOf, type Section } from '../content/document.ts';
import { readOr, type Read } from '../content/fault.ts';
import { Audience, Id, Locale, strict, Version, Words } from '../content/shapes.ts';
import { linksOf, textOfBlock, wordsOf } from '../content/tree.ts';
import { CUE_KINDS, ratePhish, type CueKind, type PhishRating } from './phish-scale.ts';

/** What a mail may be about. Hope for money and fear for one's health or family teach nothing but distrust. */
const THEMES = ['account', 'delivery', 'document', 'meeting', 'supplier', 'customer', 'it-support', 'security', 'message', 'travel', 'survey', 'facility'] as const; // prettier-ignore
const BANNED = ['pay', 'salary', 'bonus', 'layoff', 'dismissal', 'health', 'family', 'benefits', 'pension', 'death'];

const Scale = Type.Unsafe<0 | 2 | 4 | 6 | 8>(Type.Enum([0, 2, 4, 6, 8]));

const Front = Type.Object(
  {
    id: Id,
    version: Version,
    title: Words,
    locale: Locale,
    theme: Type.String({ maxLength: 30 }),
    audience: Audience,
    from: Type.Object(
      { name: Type.String({ pattern: '^[^\\n]+$', maxLength: 80 }), address: Type.String({ pattern: '^[a-z0-9.-]{1,64}@[a-z0-9.-]{1,120}$' }) }, // prettier-ignore
      strict,
    ),
    /** Of one line: it becomes a header. */
    subject: Type.String({ pattern: '^[^\\n]+$', maxLength: 120 }),
    /** What the link pretends to lead to; the recipient's own token is put behind it when it is sent. */
    pretends: Type.String({ pattern: '^https://[a-z0-9.-]{1,120}(/[a-z0-9./-]{0,80})?$' }),
    /** What the page asks for. None of it is sent. */
    asks: Type.Array(Type.Unsafe<'name' | 'email' | 'password' | 'code' | 'phone'>(Type.Enum(['name', 'email', 'password', 'code', 'phone'])), { maxItems: 5 }), // prettier-ignore
    premise: Type.Object({ mimicsWork: Scale, workRelevance: Scale, fitsEvents: Scale, consequences: Scale, trained: Scale }, strict), // prettier-ignore
    /** `times`: how often it is seen in the mail. `shows`: where, in words for who fell for it. */
    cues: Type.Array(
      Type.Object(
        { kind: Type.Unsafe<CueKind>(Type.Enum(Object.keys(CUE_KINDS))), times: Type.Integer({ minimum: 1, maximum: 12 }), shows: Words }, // prettier-ignore
        strict,
      ),
      { minItems: 1, maxItems: 23 },
    ),
  },
  strict,
);

export type PhishTemplate = Readonly<{
  id: string;
  version: number;
  hash: string;
  title: string;
  locale: string;
  theme: (typeof THEMES)[number];
  audience: readonly string[];
  from: Readonly<{ name: string; address: string }>;
  subject: string;
  pretends: string;
  asks: readonly ('name' | 'email' | 'password' | 'code' | 'phone')[];
  cues: readonly Readonly<{ kind: CueKind; times: number; shows: string }>[];
  rating: PhishRating;
  mail: Section;
  page: Section;
  learn: Section;
}>;

/** RFC 2606, RFC 6761: names that lead nowhere. */
const RESERVED = /(?:^|\.)(?:example|invalid|test|localhost|example\.(?:com|net|org))$/;
const LONGEST_LEARN = 220;

export function readPhishTemplate(source: string): Read<PhishTemplate> {
  const read = readDocument(source, Front, { links: 'mail', asides: [] });
  if (!('value' in read)) return { ok: false, faults: read };
  const { value: front, blocks, hash, report, faults, lineOf } = read;
  const sections = sectionsOf(blocks, report);
  const [mail, page, learn] = sections;
  if (sections.map(({ title }) => title).join() !== 'Mail,Page,Learn') report(1, 'the sections are not Mail, Page, Learn', 'write these three, in this order'); // prettier-ignore
  const theme = THEMES.find((each) => each === front.theme);
  if (theme === undefined)
    report(lineOf('theme'), BANNED.includes(front.theme) ? 'a theme that is never used: it hurts people' : 'this theme is not known', `there are ${THEMES.join(', ')}`); // prettier-ignore
  if (linksOf(mail?.blocks ?? []).length !== 1) report(mail?.line ?? 1, 'the mail has no link, or more than one', 'write one: [text]({{link}})'); // prettier-ignore
  for (const { line } of linksOf([...(page?.blocks ?? []), ...(learn?.blocks ?? [])])) report(line, 'a link on the page', 'only the mail has one'); // prettier-ignore
  const domains = { from: front.from.address.split('@')[1] ?? '', pretends: URL.parse(front.pretends)?.hostname ?? '' };
  for (const [where, domain] of Object.entries(domains))
    if (!RESERVED.test(domain)) report(lineOf(where), 'a domain that may be somebody’s', 'end it in .example, .test or .invalid'); // prettier-ignore
  const shown = [
    [lineOf('subject'), front.subject] as const,
    [lineOf('from'), front.from.name] as const,
    ...[...(mail?.blocks ?? []), ...(page?.blocks ?? [])].map((block) => [block.line, textOfBlock(block)] as const),
  ];
  for (const [line, text] of shown)
    if (namesPlace(text)) report(line, 'a domain or address that may be somebody’s stands in the text', 'end it in .example, .test or .invalid, without https:// and www.: the one link is {{link}}'); // prettier-ignore
  const unfilled = [front.subject, ...blocks.map(textOfBlock)].find(wrongPlaceholder);
  if (unfilled !== undefined) report(lineOf('subject'), 'a {{…}} that nothing is put into', 'there is {{name}}, and {{link}} in the mail'); // prettier-ignore
  if (learn !== undefined && wordsOf(learn.blocks) > LONGEST_LEARN) report(learn.line, 'who fell for it reads little', `at most ${LONGEST_LEARN} words`); // prettier-ignore
  const kinds = front.cues.map(({ kind }) => kind);
  if (new Set(kinds).size !== kinds.length) report(lineOf('cues'), 'a kind of cue stands twice', 'put them together, and count in times'); // prettier-ignore
  const rating = ratePhish(front.cues.reduce((sum, { times }) => sum + times, 0), front.premise);
  return readOr(faults, () => {
    const { premise: _premise, ...rest } = front;
    return { ...rest, theme: theme as PhishTemplate['theme'], hash, rating, mail: mail as Section, page: page as Section, learn: learn as Section }; // prettier-ignore
  });
} // prettier-ignore

/** Only the name is put into text; {{link}} is a link's target, which the reader of links has taken out. */
const wrongPlaceholder = (text: string): boolean =>
  text.split('{{').slice(1).some((rest) => !rest.startsWith('name}}')); // prettier-ignore

/** Letters that look wide are read as narrow ones, and those that are not seen are not there. */
export const asSeen = (text: string): string => text.normalize('NFKC').replaceAll(/\p{Cf}/gu, '');

/**
 * Whether there is something that a mail program makes a link of, or that a reader would type in: a scheme, www., a number of a
 * machine, or words with dots in them that end like a domain and are not one of those that lead nowhere.
 */
export function namesPlace(given: string): boolean {
  const text = asSeen(given).replaceAll(/(?<=[a-z0-9])[。｡](?=[a-z0-9])/gi, '.').toLowerCase(); // prettier-ignore
  if (/[a-z][a-z0-9+.-]*:\/\/|(?<![\p{L}\p{N}])www\.|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/u.test(text))
    return true;
  // archives are called so, and so is a domain of the top
  if (/@[^\s@]+\.zip|\.zip(?:\/|[?#:]\S)/.test(text)) return true;
  return text.split(/[^\p{L}\p{M}\p{N}._-]+/u).some((word) => {
    const bare = word.replaceAll(/^[._-]+|[._-]+$/g, '');
    return DOMAIN.test(bare) && !RESERVED.test(bare) && !FILE.test(bare);
  });
}
const DOMAIN = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*\.(?:[\p{L}\p{M}]{2,}|xn--[a-z0-9-]+)$/u;
const FILE = /\.(?:pdf|docx?|xlsx?|csv|html?|zip|txt)$/;
