/** Which addresses mail goes to: of one form, so that none of them is read as two, or as a command. */
import { domainToASCII } from 'node:url';

/** RFC 5321 §4.5.3.1 */
const MOST_LOCAL = 64;
const MOST_ADDRESS = 254;
/** RFC 5322 §3.2.3, a dot-atom: no quotes, no comments, no spaces. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

/** @returns the address with its domain as it stands in the DNS, or null for what is none */
export function readAddress(text: string): string | null {
  // what reads domains takes line ends and tabs out of them
  if (text.length > MOST_ADDRESS || /[\p{C}\p{Z}]/u.test(text)) return null;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  if (local.length === 0 || local.length > MOST_LOCAL || !LOCAL.test(local)) return null;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return null;
  const domain = domainToASCII(text.slice(at + 1));
  const isDomain = domain !== '' && domain.length <= 253 && domain.split('.').every((label) => label.length <= 63 && LABEL.test(label)); // prettier-ignore
  if (!isDomain || local.length + domain.length + 1 > MOST_ADDRESS) return null;
  return `${local}@${domain}`;
}

export type Mailbox = Readonly<{ name: string; address: string }>;

/** `Name <address>`, or an address alone. @returns null for what is neither */
export function readMailbox(text: string): Mailbox | null {
  const open = text.indexOf('<');
  if (open < 0) {
    const address = readAddress(text.trim());
    return address === null ? null : { name: '', address };
  }
  const name = text.slice(0, open).trim();
  const address = text.endsWith('>') ? readAddress(text.slice(open + 1, -1)) : null;
  return address === null || name.length > 100 || /[\p{Cc}"<>\u2028\u2029]/u.test(name) ? null : { name, address };
}
