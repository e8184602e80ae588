/** A mail and the mails in it, each read once: to a depth, and not without end. */
import type { Attachment, ParsedMail } from 'mailparser';

export type Layer = Readonly<{
  mail: ParsedMail;
  /** What is attached and was not read as a mail. */
  files: readonly Attachment[];
  inner: readonly Layer[];
}>;

const DEEPEST = 4;
const MOST_LAYERS = 12;

/** @returns null for what is no mail */
export function readLayers(raw: Buffer): Promise<Layer | null> {
  let left = MOST_LAYERS;
  const read = async (bytes: Buffer, depth: number): Promise<Layer | null> => {
    if (depth > DEEPEST || left === 0) return null;
    left -= 1;
    const mail = await parsed(bytes);
    if (mail === null) return null;
    const inner: Layer[] = [];
    const files: Attachment[] = [];
    for (const each of mail.attachments) {
      const within = isMail(each) ? await read(each.content, depth + 1) : null;
      if (within === null) files.push(each);
      else inner.push(within);
    }
    return { mail, files, inner };
  };
  return read(raw, 1);
}

/** The mail first, then what is in it. */
export const flat = (layer: Layer): readonly Layer[] => [layer, ...layer.inner.flatMap(flat)];

const isMail = ({ contentType, filename = '' }: Attachment): boolean =>
  contentType === 'message/rfc822' || filename.toLowerCase().endsWith('.eml');

async function parsed(raw: Buffer): Promise<ParsedMail | null> {
  // loaded with the first, outside of what makes a mail none: a program that is not whole is no fault of the mail
  const { simpleParser } = await import('mailparser');
  try {
    // embedded ones stay files, also where they are to be shown in line: a layer is the words of one mail
    const options = { ignoreEmbedded: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true, maxHtmlLengthToParse: 262_144 } as const; // prettier-ignore
    const mail = await simpleParser(raw, options);
    const isOne = mail.messageId !== undefined || mail.from !== undefined || mail.subject !== undefined;
    return isOne ? mail : null;
  } catch {
    return null;
  }
}
