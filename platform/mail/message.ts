/**
 * What a mail may be.
 *
 * INVARIANT: nothing in it ends a line of the header or names another recipient: what comes from people, a name in a
 * subject, is refused here and not mended, since mending is where the mistakes are.
 */
import { readAddress, readMailbox, type Mailbox } from './address.ts';
import { mailFailure } from './failures.ts';

export type MailToQueue = Readonly<{
  /** One address: nobody learns who else got it. */
  to: string;
  /** One line, at most 200 characters. */
  subject: string;
  /** At most 256 KiB. */
  text: string;
  /** Beside the text, never instead; at most 512 KiB. */
  html?: string;
  /** Besides those that every mail has; ASCII. */
  headers?: Readonly<Record<string, string>>;
  /** Whom it shows as its author, instead of the sender that is set; what comes back goes to the latter all the same. */
  shownFrom?: Mailbox;
  /** What for, such as `access.notice`: it is kept, counted and shown, so nothing of a person belongs in it. */
  kind: string;
  /** What is queued again under the same one is not sent again; null: every one is another. It is kept as a keyed hash. */
  dedupeKey: string | null;
  /** Urgent ones go before all others: an alarm, a code somebody waits for. */
  priority?: 'urgent' | 'usual';
}>;
/** What is sealed in the outbox. */
export type MailContent = Readonly<{
  to: string;
  subject: string;
  text: string;
  html: string | null;
  headers: Readonly<Record<string, string>>;
  /** Left out in mails that show the sender. */
  shownFrom?: Mailbox;
}>;

const KIND = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;
/** What ends a line somewhere, and all else that does not print: C0, C1, and Unicode's own line ends. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
/** In a text, lines end. */
const UNPRINTABLE_IN_TEXT = /[^\P{Cc}\t\r\n]|\p{Cs}/u;
const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const HEADER_VALUE = /^[\x20-\x7e]{1,900}$/;
/** Those that we write, that a relay writes, or that address others. */
const OURS = new Set([
  'from', 'to', 'cc', 'bcc', 'sender', 'reply-to', 'subject', 'date', 'message-id', 'mime-version', 'received', 'return-path',
  'dkim-signature', 'delivered-to', 'authentication-results', 'disposition-notification-to', 'return-receipt-to', 'errors-to', 'apparently-to',
]); // prettier-ignore
const isOurs = (name: string): boolean =>
  OURS.has(name) || ['content-', 'resent-', 'arc-', 'x-original-'].some((start) => name.startsWith(start));

const MOST_SUBJECT = 200;
/** As much of it as a subject may be, without half of a character at the end. */
export const subjectLine = (text: string): string => text.slice(0, MOST_SUBJECT).replace(/[\ud800-\udbff]$/, '');

/** @throws MAIL_INVALID that says which part, and never what stands in it */
export function checkMail(mail: MailToQueue): MailContent {
  const must = (holds: boolean, detail: string): void => {
    if (!holds) throw mailFailure('INVALID', { detail });
  };
  const { subject, text, html = null, headers = {}, kind, shownFrom } = mail;
  const to = readAddress(mail.to);
  must(to !== null, 'the address is none that mail goes to');
  must(KIND.test(kind) && kind.length <= 60, 'the kind is no practice, dot, word');
  must(subject.trim() !== '' && subject.length <= MOST_SUBJECT && !UNPRINTABLE.test(subject), 'the subject is not one printable line of at most 200 characters'); // prettier-ignore
  must(text.trim() !== '' && Buffer.byteLength(text) <= 256 * 1024 && !UNPRINTABLE_IN_TEXT.test(text), 'the text is empty, not printable or longer than 256 KiB'); // prettier-ignore
  must(html === null || (Buffer.byteLength(html) <= 512 * 1024 && !UNPRINTABLE_IN_TEXT.test(html)), 'the HTML is not printable or longer than 512 KiB'); // prettier-ignore
  const named = Object.entries(headers);
  must(named.length <= 20 && new Set(named.map(([name]) => name.toLowerCase())).size === named.length, 'more than 20 headers, or one of them twice'); // prettier-ignore
  for (const [name, value] of named) {
    must(
      HEADER_NAME.test(name) && !isOurs(name.toLowerCase()),
      'a header has a name that is none, or that is not the caller’s',
    );
    must(HEADER_VALUE.test(value) && value.trim() === value, `the header ${name} is not one line of printable ASCII`);
  }
  must(shownFrom === undefined || readMailbox(`${shownFrom.name} <${shownFrom.address}>`) !== null, 'the author shown is none'); // prettier-ignore
  return { to: to as string, subject, text, html, headers, ...(shownFrom === undefined ? {} : { shownFrom }) };
}
