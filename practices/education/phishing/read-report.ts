/**
 * A mail that somebody reports, as it arrived or forwarded: inside another as a file, several times if need be, or quoted.
 * What it says is for the security team; what makes it the same as another one is a few keys.
 */
import { createHash } from 'node:crypto';

import { linksIn, type Body, type Links } from './links-in.ts';
import { flat, readLayers, type Layer } from './mail-layers.ts';

export type ReportedMail = Readonly<{
  /** Links of ours, by their tokens. */
  tokens: readonly string[];
  /** Ids of mails of ours that it names: `mail_…`. */
  mailIds: readonly string[];
  /** INVARIANT: nothing in it is anybody else's: it leads to our pages alone, and nothing is attached. */
  isOursAlone: boolean;
  /** Two mails that share one are the same, as long as nobody said that one of them is harmless. */
  keys: readonly string[];
  /** Of all that it says: what was found harmless is harmless again, and nothing else is. */
  whole: string;
  shown: Shown;
}>;
export type Shown = Readonly<{
  subject: string;
  from: string;
  hosts: readonly string[];
  attachments: readonly Readonly<{ name: string; sizeBytes: number }>[];
  /** The beginning of it, and of each mail within it. */
  text: string;
}>;

export const MOST_REPORT_BYTES = 1_048_576;
const MOST = 20;
const MOST_TEXT = 4000;
/** Those that nobody wrote for this mail: logos and lines of three bytes. */
const SMALL_FILE = 1024;

export type Reading = Readonly<{
  /** Of the landing pages. */
  origin: string | null;
  /** Of who forwarded it, in a mail of their own; null: it is as it arrived. */
  writtenBy: string | null;
}>;

/** @returns null for what is no mail */
export async function readReport(raw: Buffer, { origin, writtenBy }: Reading): Promise<ReportedMail | null> {
  if (raw.length === 0 || raw.length > MOST_REPORT_BYTES) return null;
  const outer = await readLayers(raw);
  if (outer === null) return null;
  // who reports wrote the outermost at most: one further in may only say that it is theirs
  const isWrapper = writtenBy !== null && fromOf(outer) === writtenBy.toLowerCase();
  const isQuoted = isWrapper && outer.inner.length === 0;
  const layers = isWrapper && !isQuoted ? outer.inner.flatMap(flat) : flat(outer);
  const first = layers[0] as Layer;
  const beside = isWrapper && !isQuoted ? outer.files.filter(({ related }) => !related) : [];
  const files = [...layers.flatMap((each) => each.files), ...beside];
  const links = linksIn(layers.map(bodyOf), origin);
  const { hosts } = links;
  const subject = plainSubject(first.mail.subject ?? '');
  const from = isQuoted ? '' : fromOf(first);
  const hashes = files.map(({ content }) => hashOf(content));
  return {
    ...oursIn(flat(outer), linksIn(flat(outer).map(bodyOf), origin)),
    isOursAlone: links.areOurs && files.length === 0,
    keys: [
      ...(isQuoted ? [] : layers.flatMap(keysOf)),
      ...(subject === '' || hosts.length === 0 ? [] : [`subject ${subject} hosts ${hosts.join()}`]),
      ...files.slice(0, MOST).flatMap(({ size }, at) => (size >= SMALL_FILE ? [`file ${hashes[at]}`] : [])),
    ],
    whole: hashOf(JSON.stringify([subject, from, hosts, hashes, layers.map(bodyOf).map(({ text, html }) => [text.trim(), html.trim()])])),
    shown: {
      subject: (first.mail.subject ?? '').slice(0, 300),
      from: from.slice(0, 254),
      hosts: hosts.slice(0, 50),
      attachments: files.slice(0, MOST).map(({ filename = '', size }) => ({ name: filename.slice(0, 200), sizeBytes: size })),
      text: layers.map((each) => textOf(each, each === first)).map((text) => text.slice(0, Math.floor(MOST_TEXT / layers.length))).join('\n\n').slice(0, MOST_TEXT),
    },
  };
} // prettier-ignore

/** What somebody pasted: a link, or words about what they saw. */
export function readPasted(text: string, origin: string | null): ReportedMail {
  const { tokens, hosts, areOurs } = linksIn([{ text, html: '' }], origin);
  return {
    tokens,
    mailIds: [],
    isOursAlone: areOurs,
    keys: hosts.length === 0 ? [] : [`pasted ${hosts.join()}`],
    whole: hashOf(`pasted ${text.trim()}`),
    shown: { subject: '', from: '', hosts: hosts.slice(0, 50), attachments: [], text: text.slice(0, MOST_TEXT) },
  };
}

/** Also of what was quoted, or written beside it: thanks are due for it all the same. */
function oursIn(layers: readonly Layer[], { tokens }: Links): Pick<ReportedMail, 'tokens' | 'mailIds'> {
  const ids = layers.flatMap(({ mail: { messageId = '', inReplyTo = '', references = [] } }) => [messageId, inReplyTo, ...[references].flat()]); // prettier-ignore
  const mailIds = ids.flatMap((id) => [...id.matchAll(/<(mail_[0-9a-z]{26})@/g)].map(([, found]) => found as string));
  return { tokens, mailIds: [...new Set(mailIds)].slice(0, MOST) };
}

function keysOf(layer: Layer): readonly string[] {
  const [subject, from, { messageId = '' }] = [plainSubject(layer.mail.subject ?? ''), fromOf(layer), layer.mail];
  return [
    ...(messageId === '' ? [] : [`id ${messageId}`]),
    ...(subject === '' || from === '' ? [] : [`subject ${subject} from ${from}`]),
  ];
}

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

const hashOf = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const fromOf = ({ mail }: Layer): string => (mail.from?.value[0]?.address ?? '').toLowerCase();
const bodyOf = ({ mail: { text = '', html = false } }: Layer): Body => ({ text, html: html === false ? '' : html });
/** One within another says whose it is. */
const textOf = (layer: Layer, isFirst: boolean): string =>
  isFirst ? bodyOf(layer).text : `[a mail in it: ${fromOf(layer)}, ${layer.mail.subject ?? ''}]\n${bodyOf(layer).text}`;
