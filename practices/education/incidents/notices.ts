/** Drafts of what is told: to the authority, and to the people concerned. Drafts: a person reads and sends them. */
import type { Zone } from '../standing/zone.ts';
import type { ClockView } from './timeline.ts';
import type { Effects } from './effects.ts';
import type { Found } from './scope.ts';

export type AuthorityNotice = Readonly<{
  /** More is told later, in phases: art. 33(4). */
  stage: 'initial';
  law: string;
  controller: string | null;
  contact: string | null;
  reference: string;
  nature: Readonly<{ kind: string; reportedAt: string; firstAt: string | null; lastAt: string | null; classes: readonly string[] }>;
  subjects: Readonly<{ approximately: number; inClear: number; maskedOnly: number; upToMore: number }>;
  entries: number;
  consequences: readonly string[];
  measures: readonly string[];
  unknown: readonly string[];
  /** Art. 33(1): reasons for the delay, when it is told late. A person writes them. */
  late: boolean;
  /** Hash of the newest scope, and of all that it was put together from. */
  scope: string | null;
  scopes: readonly string[];
}>; // prettier-ignore

/** Null: nobody has said yet. */
export type Controller = Readonly<{ name: string | null; contact: string | null }>;

type Draft = Readonly<{
  receipt: string;
  kind: string;
  reportedAt: string;
  effects: Effects | null;
  clocks: readonly ClockView[];
  measures: readonly string[];
  controller: Controller;
}>;

const CONSEQUENCES: Readonly<Record<string, string>> = {
  internal: 'what is known about a contract may be used to sound trustworthy',
  personal: 'messages and calls in our name; use of the name and address for orders of others',
  sensitive: 'fraud with payment or identity data',
  special: 'discrimination, exposure, or pressure by what is nobody’s business',
};

export function authorityNotice({ receipt, kind, reportedAt, effects, clocks, measures, controller }: Draft): AuthorityNotice {
  const classes = effects?.classes ?? [];
  return {
    stage: 'initial', law: 'Regulation (EU) 2016/679 art. 33(3)', controller: controller.name, contact: controller.contact, reference: receipt,
    nature: { kind, reportedAt, firstAt: effects?.firstAt ?? null, lastAt: effects?.lastAt ?? null, classes },
    subjects: { approximately: effects?.subjects ?? 0, inClear: effects?.inClear ?? 0, maskedOnly: effects?.maskedOnly ?? 0, upToMore: effects?.upToMore ?? 0 },
    entries: effects?.entries ?? 0,
    consequences: classes.flatMap((each) => CONSEQUENCES[each] ?? []),
    measures,
    unknown: effects?.unknown ?? ['nobody has asked the log yet whom it concerns'],
    late: clocks.some(({ id, state }) => id === 'gdpr-33' && (state === 'late' || state === 'told-late')),
    scope: effects?.scope ?? null, scopes: effects?.scopes.map(({ hash }) => hash) ?? [],
  };
} // prettier-ignore

export const NOTICE_LANGUAGES = ['en', 'de'] as const;
export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number];

/** Art. 34(2): in plain words what happened, what it may lead to, what is done, and whom to ask. */
const TEXTS: Readonly<Record<NoticeLanguage, (about: Readonly<{ day: string; what: string; ended: boolean; name: string | null; contact: string | null; reference: string }>) => string>> = {
  en: ({ day, what, ended, name, contact, reference }) =>
    `Your data${name === null ? '' : ` at ${name}`}: somebody saw what they should not have\n\n${day} somebody had access to data about you who should not have had it. ${what === '' ? 'It was seen that we hold data about you' : `It concerns: ${what}`}.\n\nWhat you can do: do not answer messages or calls that use this knowledge, however well they know you. We never ask you for a password. If you used the same password elsewhere, change it there.\n\nWhat we do: ${ended ? 'the access was ended, and we found out' : 'we are ending the access, and find out'} by our log whom it concerns. You see each access to your data in the privacy center.\n\n${contact === null ? `If you write to us, name the reference ${reference}` : `Ask us: ${contact}, reference ${reference}`}. You may also complain to your data protection authority.\n`,
  de: ({ day, what, ended, name, contact, reference }) =>
    `Ihre Daten${name === null ? '' : ` bei ${name}`}: Jemand hat gesehen, was er nicht hätte sehen dürfen\n\n${day} hatte jemand Zugriff auf Daten über Sie, der ihn nicht haben durfte. ${what === '' ? 'Zu sehen war, dass wir Daten über Sie haben' : `Es geht um: ${what}`}.\n\nWas Sie tun können: Antworten Sie auf keine Nachrichten und Anrufe, die dieses Wissen nutzen, so gut man Sie dort auch zu kennen scheint. Wir fragen nie nach einem Passwort. Haben Sie dasselbe Passwort anderswo verwendet, ändern Sie es dort.\n\nWas wir tun: ${ended ? 'Der Zugriff ist beendet' : 'Wir beenden den Zugriff'}, und aus unserem Protokoll wissen wir, wen es betrifft. Jeden Zugriff auf Ihre Daten sehen Sie im Datenschutz-Center.\n\n${contact === null ? `Schreiben Sie uns, nennen Sie bitte das Zeichen ${reference}` : `Fragen Sie uns: ${contact}, Zeichen ${reference}`}. Sie können sich auch bei Ihrer Datenschutzbehörde beschweren.\n`,
}; // prettier-ignore

/** Files, tokens, what somebody said or asked: their entries have classes and no list of fields. */
const WITHOUT_FIELDS = /^vault\.(download|attachments|detokenise|tokenise|sample)$|^privacy\./;

/** @returns names of fields, and of classes where more may have left than fields are named; none: only that somebody is known here */
export function whatLeft({ clear, masked, classes, actions }: Pick<Found, 'clear' | 'masked' | 'classes' | 'actions'>): readonly string[] {
  const fields = new Set([...clear, ...masked]);
  const isAll = fields.size > 0 && !actions.some((each) => WITHOUT_FIELDS.test(each));
  return isAll ? [...fields] : [...fields, ...new Set([...classes.clear, ...classes.masked].map((each) => `${each} data`))];
} // prettier-ignore

export function subjectNotice(
  language: NoticeLanguage,
  { receipt, phase, zone, controller }: Pick<Draft, 'receipt' | 'controller'> & Readonly<{ phase: string; zone: Zone }>,
  found: Readonly<{ fields: readonly string[]; firstAt: string; lastAt: string }>,
): string {
  const day = (at: string): string => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${zone.dayOf(new Date(at))}T00:00:00Z`)); // prettier-ignore
  const [first, last] = [day(found.firstAt), day(found.lastAt)];
  const on = language === 'de' ? `Am ${first}` : `On ${first}`;
  const between = language === 'de' ? `Zwischen dem ${first} und dem ${last}` : `Between ${first} and ${last}`;
  return TEXTS[language]({
    day: first === last ? on : between,
    // what is not contained is not ended
    ended: phase !== 'triage' && phase !== 'contain',
    what: found.fields.map((each) => each.replaceAll('_', ' ')).join(', '),
    name: controller.name,
    contact: controller.contact,
    reference: receipt,
  });
}
