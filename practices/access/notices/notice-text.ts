/** A notice in words, for the console, the CLI and mail alike, and where in the console one goes from it. */
import type { About, NoticeKind } from './from-entry.ts';

export type NoticeWords = Readonly<{ says: string; link: string }>;
type Counted = Readonly<{ count: number; customers: number }>;
type Named = Readonly<{
  about: About;
  /** What the actor is called, and the role it had. */
  who: string;
  /** The key that it is about. */
  key: string;
  /** What was seen or asked for. */
  scope: string;
  times: string;
  customers: number;
}>;

const customersOf = (n: number): string => (n === 1 ? '1 customer' : `${n} customers`);
const list = (words: readonly string[] = []): string => words.join(', ') || 'no';
const day = (at = ''): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
const reviewOf = ({ review = '' }: About): string => `/reviews/${review}`;
const roleOf = ({ role = '' }: About): string => `the role ${role}`;

const LAPSES: Readonly<Record<string, string>> = {
  lapsed: 'A course or policy of yours has lapsed',
  revoked: 'Something that you had passed or signed was taken back',
  away: 'Leave of yours was noted',
};

const VIOLATIONS: Readonly<Record<string, (until: string | null) => string>> = {
  told: (until) =>
    `There is something about you that you should read: what it is about, and that you may say what happened${until === null ? '' : `, until ${until}`}. You may also say nothing`,
  begun: () => 'The process for a broken rule was begun (NIST SP 800-53 PS-8): it says whom it is about, and why',
  'to-decide': () => 'Somebody was heard, or had time to be: two people decide about it',
  'to-settle': () => 'Two people decided differently about something: a third one settles it',
  reminder: () => 'Something waits for a decision of people, and nobody has decided about it yet',
  decided: (until) =>
    `It was decided about what you were told of${until === null ? '' : `: you may appeal until ${until}`}`,
  appealed: () => 'Somebody appeals: a person who had no part in it decides',
  answered: () => 'Your appeal was answered',
};

const WORDS: Readonly<Record<NoticeKind, (named: Named) => NoticeWords>> = {
  policy: ({ about, who, scope, times }) => ({
    says: `${who} ${about.outcome === 'denied' ? 'was refused' : 'saw'} ${scope}, ${times}: the policy ${about.policy ?? ''} wants you to know`,
    link: '/audit',
  }),
  glass: ({ who, scope }) => ({
    says: `Glass was broken: ${who} sees ${scope}, now. Somebody else looks at it within 72 hours`,
    link: '/break-glass',
  }),
  request: ({ who, scope }) => ({ says: `${who} asks to see ${scope}. It waits for a day`, link: '/requests' }),
  approved: ({ scope }) => ({
    says: `Your request was approved: ${scope}. Activate it when you need it`,
    link: '/requests',
  }),
  denied: ({ scope }) => ({ says: `Your request was denied: ${scope}`, link: '/requests' }),
  'export-asked': ({ about, who }) => ({
    says: `${who} asks for a second pair of eyes on exports for ${about.purpose ?? ''}. It waits for a day`,
    link: '/requests',
  }),
  'export-answered': ({ about }) => ({
    says:
      about.outcome === 'approved'
        ? `Somebody said yes: your exports for ${about.purpose ?? ''} are open until ${day(about.until)}`
        : `Somebody said no to your exports for ${about.purpose ?? ''}`,
    link: '/requests',
  }),
  'grant-ends': ({ about }) => ({ says: `Your access for a time ends at ${day(about.until)}`, link: '/requests' }),
  'key-ends': ({ about, key }) => ({
    says: `The key ${key} (${about.role ?? ''}) ends at ${day(about.until)}: rotate it before`,
    link: '/keys',
  }),
  'review-open': ({ about }) => ({
    says: `Does everybody still need ${roleOf(about)}? A review is open until ${day(about.until)}`,
    link: reviewOf(about),
  }),
  'review-due': ({ about }) => ({
    says: `The review of ${roleOf(about)} is due at ${day(about.until)}, and ${about.count ?? 0} holders are not decided`,
    link: reviewOf(about),
  }),
  'review-overdue': ({ about }) => ({
    says: `The review of ${roleOf(about)} is overdue: ${about.count ?? 0} holders were not decided${about.outcome === 'suspend' ? ', and see nothing in clear until they are' : ''}`,
    link: reviewOf(about),
  }),
  'review-extended': ({ about, who }) => ({
    says: `${about.actor === undefined ? '' : who.replace(/ \([^)]*\)$/, '')} gave the review of ${roleOf(about)} until ${day(about.until)}, once`,
    link: reviewOf(about),
  }),
  'role-rests': ({ about, who }) => ({
    says: `${who.replace(/ \([^)]*\)$/, '')} did not use ${roleOf(about)} for long: it rests, and is asked for when it is needed`,
    link: '/requests',
  }),
  'role-asked': ({ about, who }) => ({
    says: `${who.replace(/ \([^)]*\)$/, '')} asks for ${roleOf(about)}. It waits for a day`,
    link: '/requests',
  }),
  'role-answered': ({ about }) => ({
    says:
      about.outcome === 'lent'
        ? `${roleOf(about)} is yours until ${day(about.until)}: choose it as your role`
        : about.outcome === 'given'
          ? `${roleOf(about)} is yours again`
          : `Your request for ${roleOf(about)} was denied`,
    link: '/requests',
  }),
  'copy-incomplete': ({ about }) => ({
    says: `A customer's copy lacks ${about.count === 1 ? 'a piece that' : `${about.count ?? 0} pieces that`} could not be read: their request waits for an answer`,
    link: '/privacy',
  }),
  'request-due': ({ about }) => ({
    says: `A customer's request ${(about.count ?? 0) < 0 ? 'is overdue: an answer was due' : `has to be answered within ${about.count === 0 ? 'a day' : `${about.count ?? 0} days`}: it is due`} by ${day(about.until)}`,
    link: '/privacy',
  }),
  'finding-overdue': ({ about }) => ({
    says: `A ${about.severity ?? ''} finding is overdue: it had to be gone by ${day(about.until)}`,
    link: `/assurance/findings/${about.case ?? ''}`,
  }),
  case: ({ about, customers }) => ({
    says: `${about.title ?? 'Something was found'} (${about.severity ?? ''})${customers === 0 ? '' : `: it concerns ${customersOf(customers)}`}`,
    link: `/traffic/cases/${about.case ?? ''}`,
  }),
  nameless: ({ about, times }) => ({
    says:
      about.outcome === 'answer'
        ? 'Somebody who gave no name answered'
        : `Something was reported without a name${times === 'once' ? '' : `, ${times}`}: it waits to be looked at`,
    link: about.outcome === 'answer' ? `/incidents/reports/${about.case ?? ''}` : '/incidents/reports',
  }),
  'grant-ended': ({ scope }) => ({
    says: `Access for a time was ended before its time, since training lapsed: ${scope}`,
    link: '/requests',
  }),
  'training-lapsed': ({ about, who, times }) => ({
    says:
      about.policy === 'you'
        ? `${LAPSES[about.outcome ?? ''] ?? 'Training lapsed'}: in ${roleOf(about)} no customer is open to you${(about.count ?? 0) === 0 ? '' : ', and what you held for a time has ended'}`
        : `In ${roleOf(about)} people see no customer until their training is done (${who.replace(/ \([^)]*\)$/, '')}${times === 'once' ? '' : ` and others, ${times}`})`,
    link: about.policy === 'you' ? '/learn' : '/training',
  }),
  'training-restored': ({ about }) => ({
    says: `All is done that ${roleOf(about)} asks for: customers are open to you again`,
    link: '/learn',
  }),
  'training-crowd': ({ about, who }) => ({
    says:
      about.outcome === 'education.grace.extend'
        ? `${about.count ?? 0} people of ${roleOf(about)} would have lost access within a day: their grace was given once more, and not again`
        : about.outcome === 'education.drill.failed.many'
          ? `A drill failed with ${about.count ?? 0} people in it who had passed it before: so many are shut off by no drill, and what they had passed holds. Look at what it showed`
          : `What ${about.count ?? 0} people had passed or signed was taken back within a day, last by ${who.replace(/ \([^)]*\)$/, '')}: none of them sees a customer`,
    link: '/training',
  }),
  'key-untaught': ({ about, who, key }) => ({
    says: `${who.replace(/ \([^)]*\)$/, '')} made the key ${key} in ${roleOf(about)}, which asks people for training and keys for none`,
    link: '/keys',
  }),
  // a mail is read over shoulders: that there is something, and nothing of what
  violation: ({ about }) => ({
    says:
      VIOLATIONS[about.outcome ?? '']?.(about.until === undefined ? null : day(about.until)) ??
      'There is something to read in a violation',
    link: `/violations/${about.case ?? ''}`,
  }),
  unused: ({ about }) => ({
    says: `Nobody used ${about.count ?? 0} permissions of ${roleOf(about)} for 60 days: take them out, or say what they are for`,
    link: '/unused',
  }),
};

/** @param nameOf what a person or key is called */
export function wordsOf(
  kind: NoticeKind,
  about: About,
  { count, customers }: Counted,
  nameOf: (id: string) => string,
): NoticeWords {
  return WORDS[kind]({
    about,
    customers,
    who: `${nameOf(about.actor ?? '')}${about.role === undefined ? '' : ` (${about.role})`}`,
    key: nameOf(about.key ?? ''),
    scope: `${list(about.classes)} data, for ${about.purpose ?? 'no purpose'}, of ${customersOf(customers)}`,
    times: count === 1 ? 'once' : `${count} times within the hour`,
  });
}

const URGENT: Readonly<Partial<Record<NoticeKind, string>>> = {
  case: 'a case of traffic is open',
  glass: 'glass was broken',
  nameless: 'something was reported without a name',
};
/** Of a mail that does not wait for others: it says nothing of who or what. */
export const urgentSubject = (kind: NoticeKind | undefined): string =>
  `Strongroom: ${(kind === undefined ? undefined : URGENT[kind]) ?? 'something cannot wait'}`;
