/**
 * A mail that somebody reports, as it arrived or forwarded: inside another as a file, several times if need be, or quoted.
 * What it says is for the security team; what makes it the same as another one is a few keys.
 */
import { createHash } from 'node:crypto';

import { simpleParser, type ParsedMail } from 'mailparser';

export type ReportedMail = Readonly<{
  /** Links of ours, by their tokens. */
  tokens: readonly string[];
  /** Ids of mails of ours that it names: `mail_…`. */
  mailIds: readonly string[];
  /** Two mails that share one are the same. */
  keys: readonly string[];
  shown: Shown;
}>;
export type Shown = Readonly<{
  subject: string;
  from: string;
  hosts: readonly string[];
  attachments: readonly Readonly<{ name: string; sizeBytes: number }>[];
  /** The beginning of it. */
  text: string;
}>;

export const MOST_REPORT_BYTES = 1_048_576;
const DEEPEST = 4;
const MOST_TEXT = 4000;
/** Those that nobody wrote for this mail: logos and lines of three bytes. */
const SMALL_FILE = 1024;

/** @param origin of the landing pages. @returns null for what is no mail */
export async function readReport(raw: Buffer, origin: string | null): Promise<ReportedMail | null> {
  if (raw.length === 0 || raw.length > MOST_REPORT_BYTES) return null;
  const layers: ParsedMail[] = [];
  let next: Buffer | undefined = raw;
  while (next !== undefined && layers.length < DEEPEST) {
    const read: ParsedMail | null = await parsed(next);
    if (read === null) break;
    layers.push(read);
    next = read.attachments.find(({ contentType, filename = '' }) => contentType === 'message/rfc822' || filename.toLowerCase().endsWith('.eml'))?.content;
  }
  const innermost = layers.at(-1);
  if (innermost === undefined) return null;
  const texts = layers.flatMap(bodiesOf);
  const ids = layers.flatMap(({ messageId = '', inReplyTo = '', references = [] }) => [messageId, inReplyTo, ...[references].flat()]);
  // quoted in a mail of whoever reports it, who is not its author
  const isQuoted = layers.length === 1 && /^\s*(?:fwd?|wg|tr|rv|i)\s*:/i.test(innermost.subject ?? '');
  const from = isQuoted ? '' : (innermost.from?.value[0]?.address ?? '').toLowerCase();
  const hosts = hostsOf(bodiesOf(innermost));
  const files = innermost.attachments.filter(({ contentType }) => contentType !== 'message/rfc822');
  const subject = plainSubject(innermost.subject ?? '');
  return {
    tokens: tokensOf(texts, origin),
    mailIds: [...new Set(ids.flatMap((id) => [...id.matchAll(/<(mail_[0-9a-z]{26})@/g)].map(([, found]) => found as string)))],
    keys: [
      ...(isQuoted || (innermost.messageId ?? '') === '' ? [] : [`id ${innermost.messageId}`]),
      ...(subject === '' || from === '' ? [] : [`subject ${subject} from ${from}`]),
      ...(subject === '' || hosts.length === 0 ? [] : [`subject ${subject} hosts ${hosts.join()}`]),
      ...files.filter(({ size }) => size >= SMALL_FILE).map(({ content }) => `file ${createHash('sha256').update(content).digest('hex')}`),
    ],
    shown: {
      subject: (innermost.subject ?? '').slice(0, 300),
      from: from.slice(0, 254),
      hosts: hosts.slice(0, 50),
      attachments: files.slice(0, 20).map(({ filename = '', size }) => ({ name: filename.slice(0, 200), sizeBytes: size })),
      text: (innermost.text ?? '').slice(0, MOST_TEXT),
    },
  };
} // prettier-ignore

/** What somebody pasted: a link, or words about what they saw. */
export function readPasted(text: string, origin: string | null): ReportedMail {
  const hosts = hostsOf([text]);
  return {
    tokens: tokensOf([text], origin),
    mailIds: [],
    keys: hosts.length === 0 ? [] : [`pasted ${hosts.join()}`],
    shown: { subject: '', from: '', hosts: hosts.slice(0, 50), attachments: [], text: text.slice(0, MOST_TEXT) },
  };
}

async function parsed(raw: Buffer): Promise<ParsedMail | null> {
  try {
    const mail = await simpleParser(raw, { skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true, maxHtmlLengthToParse: 262_144 }); // prettier-ignore
    const isMail = mail.messageId !== undefined || mail.from !== undefined || mail.subject !== undefined;
    return isMail ? mail : null;
  } catch {
    return null;
  }
}

function tokensOf(texts: readonly string[], origin: string | null): readonly string[] {
  if (origin === null) return [];
  const found = new Set<string>();
  for (const text of texts)
    for (let at = text.indexOf(`${origin}/`); at >= 0; at = text.indexOf(`${origin}/`, at + 1)) {
      const token = text.slice(at + origin.length + 1, at + origin.length + 23);
      if (/^[A-Za-z0-9_-]{22}$/.test(token)) found.add(token);
    }
  return [...found].slice(0, 20);
}

function hostsOf(texts: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const text of texts)
    for (const [, host] of text.matchAll(/https?:\/\/([A-Za-z0-9.-]{1,253})/g)) found.add((host as string).toLowerCase());
  return [...found].toSorted();
} // prettier-ignore

/** As it was before anybody answered or forwarded it, and without numbers, which differ from one reader to the next. */
export function plainSubject(subject: string): string {
  let plain = subject.normalize('NFKC').toLowerCase().trim();
  for (let before = ''; before !== plain;) {
    before = plain;
    plain = plain.replace(/^(?:re|aw|sv|fwd?|wg|tr|rv|i)\s*:\s*/, '');
  }
  return plain
    .replaceAll(/\d+/g, '#')
    .replaceAll(/\s{1,200}/g, ' ')
    .slice(0, 200);
}

const bodiesOf = ({ text = '', html = false }: ParsedMail): readonly string[] => [text, html === false ? '' : html];
