/** Drafts of what is told: to the authority, and to the people concerned. Drafts: a person reads and sends them. */
import type { ClockView } from './timeline.ts';
import type { ScopeView } from './scopes.ts';

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
  scope: string | null;
}>; // prettier-ignore

type Draft = Readonly<{
  receipt: string;
  kind: string;
  reportedAt: string;
  scope: ScopeView | null;
  classes: readonly string[];
  clocks: readonly ClockView[];
  measures: readonly string[];
  controller: Readonly<{ name: string | null; contact: string | null }>;
}>;

const CONSEQUENCES: Readonly<Record<string, string>> = {
  internal: 'what is known about a contract may be used to sound trustworthy',
  personal: 'messages and calls in our name; use of the name and address for orders of others',
  sensitive: 'fraud with payment or identity data',
  special: 'discrimination, exposure, or pressure by what is nobody’s business',
};

export function authorityNotice({ receipt, kind, reportedAt, scope, classes, clocks, measures, controller }: Draft): AuthorityNotice {
  const totals = scope?.totals;
  return {
    stage: 'initial', law: 'Regulation (EU) 2016/679 art. 33(3)', controller: controller.name, contact: controller.contact, reference: receipt,
    nature: { kind, reportedAt, firstAt: totals?.firstAt ?? null, lastAt: totals?.lastAt ?? null, classes },
    subjects: { approximately: totals?.subjects ?? 0, inClear: totals?.inClear ?? 0, maskedOnly: totals?.maskedOnly ?? 0, upToMore: scope?.unknown.unnamed.subjectsAtMost ?? 0 },
    entries: totals?.entries ?? 0,
    consequences: classes.flatMap((each) => CONSEQUENCES[each] ?? []),
    measures,
    unknown: scope?.says ?? ['nobody has asked the log yet whom it concerns'],
    late: clocks.some(({ id, state }) => id === 'gdpr-33' && (state === 'late' || state === 'told-late')),
    scope: scope?.hash ?? null,
  };
} // prettier-ignore

export const NOTICE_LANGUAGES = ['en', 'de'] as const;
export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number];

/** Art. 34(2): in plain words what happened, what it may lead to, what is done, and whom to ask. */
const TEXTS: Readonly<Record<NoticeLanguage, (about: Readonly<{ day: string; what: string; name: string; contact: string; reference: string }>) => string>> = {
  en: ({ day, what, name, contact, reference }) =>
    `Your data at ${name}: somebody saw what they should not have\n\nBetween ${day} somebody had access to data about you who should not have had it. It concerns: ${what}.\n\nWhat you can do: do not answer messages or calls that use this knowledge, however well they know you. We never ask you for a password. If you used the same password elsewhere, change it there.\n\nWhat we do: the access was ended, and we found out by our log whom it concerns. You see each access to your data in the privacy center.\n\nAsk us: ${contact}, reference ${reference}. You may also complain to your data protection authority.\n`,
  de: ({ day, what, name, contact, reference }) =>
    `Ihre Daten bei ${name}: Jemand hat gesehen, was er nicht hätte sehen dürfen\n\nZwischen ${day} hatte jemand Zugriff auf Daten über Sie, der ihn nicht haben durfte. Es geht um: ${what}.\n\nWas Sie tun können: Antworten Sie auf keine Nachrichten und Anrufe, die dieses Wissen nutzen, so gut man Sie dort auch zu kennen scheint. Wir fragen nie nach einem Passwort. Haben Sie dasselbe Passwort anderswo verwendet, ändern Sie es dort.\n\nWas wir tun: Der Zugriff ist beendet, und aus unserem Protokoll wissen wir, wen es betrifft. Jeden Zugriff auf Ihre Daten sehen Sie im Datenschutz-Center.\n\nFragen Sie uns: ${contact}, Zeichen ${reference}. Sie können sich auch bei Ihrer Datenschutzbehörde beschweren.\n`,
}; // prettier-ignore

export function subjectNotice(
  language: NoticeLanguage,
  { receipt, controller }: Pick<Draft, 'receipt' | 'controller'>,
  found: Readonly<{ fields: readonly string[]; firstAt: string; lastAt: string }>,
): string {
  const day = (at: string): string => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(at)); // prettier-ignore
  const and = language === 'de' ? 'und' : 'and';
  return TEXTS[language]({
    day: `${day(found.firstAt)} ${and} ${day(found.lastAt)}`,
    what: found.fields.join(', '),
    name: controller.name ?? (language === 'de' ? 'uns' : 'us'),
    contact: controller.contact ?? '—',
    reference: receipt,
  });
}
