/** A notice in one language, in its layers: card, short answers, full text, table. Pages and JSON are made of this. */
import type { Kept, NoticeFacts, Texts } from './facts.ts';
import { durationIn, partsIn, sayIn, type Language } from './languages.ts';
import type { MessageKey } from './en.ts';

export type NoticeLayers = Readonly<{
  language: Language;
  title: string;
  who: readonly string[];
  card: readonly Readonly<{ type: string; linked: readonly string[]; shared: readonly string[] }>[];
  short: readonly Readonly<{ asks: string; answers: readonly string[] }>[];
  full: readonly Readonly<{ title: string; text: readonly string[] }>[];
  purposes: readonly Readonly<{ id: string; title: string; basis: string; data: readonly string[]; kept: readonly string[]; recipients: readonly string[] }>[];
  fields: readonly Readonly<{ collection: string; field: string; class: string; purposes: readonly string[]; kept: readonly string[]; recipients: readonly string[]; source: string }>[];
}>; // prettier-ignore

/** Kinds of data on the card, by the beginning of a field's category. */
const TYPES: readonly Readonly<{ says: MessageKey & `type.${string}`; begins: readonly string[] }>[] = [
  {
    says: 'type.contact',
    begins: ['user.contact.email', 'user.contact.phone', 'user.contact.fax', 'user.contact.url'],
  },
  { says: 'type.location', begins: ['user.contact.address', 'user.location'] },
  { says: 'type.identity', begins: ['user.name', 'user.unique_id', 'user.government_id', 'user.demographic'] },
  { says: 'type.health', begins: ['user.health', 'user.biometric', 'user.genetic'] },
  { says: 'type.financial', begins: ['user.financial', 'user.payment', 'user.credit'] },
  { says: 'type.work', begins: ['user.workplace', 'user.job'] },
  { says: 'type.content', begins: ['user.document', 'user.content', 'user.social'] },
  { says: 'type.usage', begins: ['user.behavior', 'user.device', 'user.telemetry', 'system.'] },
];
const typeOf = (category: string | null): MessageKey & `type.${string}` =>
  TYPES.find(({ begins }) => begins.some((each) => category?.startsWith(each) === true))?.says ?? 'type.other';

const THEN = { erase: 'thenErase', coarsen: 'thenCoarsen', 'stop-use': 'thenStop' } as const;
const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

export function noticeLayers(facts: NoticeFacts, texts: Texts, language: Language): NoticeLayers {
  const say = sayIn(language);
  const text = (key: string): string => texts[key] ?? key;
  /** What French draws together: jusqu’à le retrait → jusqu’au retrait. */
  const untilOf = (event: string): string =>
    say('atOnce', { event }).replace(/(?<=jusqu’)à les? /, (each) => (each === 'à le ' ? 'au ' : 'aux '));
  const kept = ({ for: period, after, action }: Kept): string =>
    `${period === 'P0D' ? untilOf(text(`event.${after}`)) : say('kept', { period: durationIn(language, period), event: text(`event.${after}`) })}, ${say(THEN[action as keyof typeof THEN])}`; // prettier-ignore
  const recipients = (ids: readonly string[]): string[] => unique(ids.map((id) => text(`recipient.${id}`)));
  /** Each with the fields that it gets: who brings the parcels learns nobody's telephone by standing beside it. */
  const getting = (fields: readonly Readonly<{ ids: readonly string[]; title: string }>[]): string[] =>
    unique(fields.flatMap(({ ids }) => ids)).map((id) => `${text(`recipient.${id}`)} (${unique(fields.filter(({ ids }) => ids.includes(id)).map(({ title }) => title)).join(', ')})`); // prettier-ignore
  const all = facts.collections.flatMap(({ name, fields }) => fields.map((field) => ({ collection: name, field, title: text(`field.${name}.${field.name}`) }))); // prettier-ignore
  const list = new Intl.ListFormat(language, { type: 'conjunction' });

  const types = unique(all.map(({ field }) => typeOf(field.category)));
  // what has no kind of its own stands after what has one
  const card = types
    .toSorted((a, b) => Number(a === 'type.other') - Number(b === 'type.other'))
    .map((type) => {
      const mine = all.filter(({ field }) => typeOf(field.category) === type);
      return {
        type: say(type as MessageKey),
        linked: unique(mine.map(({ title }) => title)),
        shared: recipients(mine.flatMap(({ field }) => field.recipients)),
      };
    });
  const purposes = facts.purposes.map(({ id, basis }) => {
    const mine = all.flatMap(({ field, title }) => field.purposes.filter((each) => each.id === id).map((why) => ({ field, title, why }))); // prettier-ignore
    const bases = unique(mine.map(({ why }) => say(`basis.${why.basis}` as MessageKey)));
    const art9 = unique(mine.flatMap(({ why }) => (why.art9 === null ? [] : [say('art9', { condition: say(`art9.${why.art9}` as MessageKey) })])));
    return {
      id,
      title: text(`purpose.${id}`),
      basis: partsIn(language, [...(bases.length === 0 && basis !== null ? [say(`basis.${basis}` as MessageKey)] : bases), ...art9]),
      data: unique(mine.map(({ title }) => title)),
      kept: unique(mine.map(({ why }) => kept(why.kept))),
      recipients: getting(mine.map(({ field: { recipients: ids }, title }) => ({ ids, title }))),
    };
  }); // prettier-ignore
  /** Of a purpose that goes on without them, the fields that need a yes. */
  const only = (id: string, basis: string | null): string[] =>
    basis === 'consent' ? [] : all.filter(({ field }) => field.purposes.some((why) => why.id === id && why.needsConsent)).map(({ title }) => title); // prettier-ignore
  const optional = facts.purposes
    .filter(({ choice }) => choice !== 'none')
    .map(({ id, basis, choice }) => {
      const fields = choice === 'consent' ? only(id, basis) : [];
      return fields.length === 0 ? text(`purpose.${id}`) : `${fields.join(', ')} (${text(`purpose.${id}`)})`;
    });
  const shared = facts.purposes.filter(({ sharedForAds }) => sharedForAds).map(({ id }) => text(`purpose.${id}`));
  const who = [
    say('who', { controller: facts.controller }),
    ...(facts.contact === null ? [] : [say('reach', { contact: facts.contact })]),
  ];
  const everybody = recipients(all.flatMap(({ field }) => field.recipients));
  const choices = optional.length === 0 ? say('noChoices') : say('choicesAre', { purposes: list.format(optional) });
  return {
    language,
    title: say('notice'),
    who,
    card,
    short: [
      { asks: say('what'), answers: [say('whatIs', { count: all.length, collections: list.format(facts.collections.map(({ name }) => text(`collection.${name}`))) })] },
      { asks: say('why'), answers: purposes.map(({ title }) => title) },
      { asks: say('howLong'), answers: unique(purposes.flatMap((each) => each.kept)) },
      { asks: say('whoGets'), answers: everybody.length === 0 ? [say('nobody')] : everybody },
      { asks: say('choices'), answers: [choices] },
    ],
    full: [
      { title: say('places'), text: [say('placesAre', { regions: list.format(facts.regions.map((code) => new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code)) })] },
      { title: say('erasure'), text: [say('erasureIs', { epochDays: facts.epochDays })] },
      { title: say('log'), text: [say('logIs')] },
      { title: say('rights'), text: [say('rightsAre')] },
      { title: say('gpc'), text: [shared.length === 0 ? say('gpcNone') : say('gpcIs', { purposes: list.format(shared) })] },
    ],
    purposes,
    fields: all.map(({ collection, field, title }) => ({
      collection: text(`collection.${collection}`),
      field: title,
      class: say(`class.${field.class}` as MessageKey),
      purposes: field.purposes.map(({ id }) => text(`purpose.${id}`)),
      kept: unique(field.purposes.map((each) => kept(each.kept))),
      recipients: recipients(field.recipients),
      source: field.source === null ? '' : text(`source.${field.source}`),
    })),
  }; // prettier-ignore
}
