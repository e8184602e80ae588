/**
 * What is not in an event but follows from it: Sigma has no way to decode or to measure, and attackers encode. Their names
 * are ours; a rule of the community does not meet them by accident.
 */
import type { TrafficEvent } from '../event.ts';
import type { Field } from './field.ts';

type Read = Field['read'];

export const uri = ({ http_request: request }: TrafficEvent): string | undefined => {
  if (request === undefined) return undefined;
  const { path, query_string: query } = request.url;
  return query === undefined || query === '' ? path : `${path}?${query}`;
};

/** A URI longer than this is decoded so far: what is past it, a rule on `uri_length` sees. */
const MOST_DECODED = 32 * 1024;

/**
 * The URI as a careless program would see it: percent-encoding taken off until none is left, three times at most (`%252e`), `+`
 * as space, `%u002e` and overlong UTF-8 of `.`, `/` and `\` too. What is not valid encoding stays as it is.
 */
export function decodedUri(event: TrafficEvent): string | undefined {
  const whole = uri(event);
  if (whole === undefined) return undefined;
  let text = whole.length > MOST_DECODED ? whole.slice(0, MOST_DECODED) : whole;
  for (let times = 0; times < 3 && text.includes('%'); times += 1) {
    const next = unescaped(text);
    if (next === text) break;
    text = next;
  }
  return text.includes('+') ? text.replaceAll('+', ' ') : text;
}

function unescaped(text: string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at)) {
    const wide = text[at + 1] === 'u' || text[at + 1] === 'U';
    const digits = wide ? text.slice(at + 2, at + 6) : text.slice(at + 1, at + 3);
    const code = hexOf(digits, wide ? 4 : 2);
    if (code === null) {
      at += 1;
      continue;
    }
    out += text.slice(from, at);
    at += wide ? 6 : 3;
    // overlong forms of one ASCII character (C0 AE is «.»), and other bytes as Latin-1: only what is ASCII matters to rules
    const second = code === 0xc0 || code === 0xc1 ? hexOf(text[at] === '%' ? text.slice(at + 1, at + 3) : '', 2) : null;
    if (second !== null && second >> 6 === 2) {
      out += String.fromCharCode(((code & 0x1f) << 6) | (second & 0x3f));
      at += 3;
    } else out += String.fromCharCode(code);
    from = at;
  }
  return out + text.slice(from);
}

function hexOf(digits: string, length: number): number | null {
  if (digits.length !== length) return null;
  for (const unit of digits)
    if (!((unit >= '0' && unit <= '9') || (unit >= 'a' && unit <= 'f') || (unit >= 'A' && unit <= 'F'))) return null;
  return Number.parseInt(digits, 16);
}

const labels = ({ query }: TrafficEvent): string[] | undefined =>
  query?.hostname
    .slice(0, 1024)
    .split('.')
    .filter((label) => label !== '');

/** The last two labels, or three where the last two are short (`co.uk`): near enough to the registered name to group by. */
export const dnsParent: Read = (event) => {
  const parts = labels(event);
  if (parts === undefined) return undefined;
  const [last = '', before = ''] = [parts.at(-1), parts.at(-2)];
  return parts
    .slice(last.length === 2 && before.length <= 3 ? -3 : -2)
    .join('.')
    .toLowerCase();
};

export const longestLabel: Read = (event) => labels(event)?.reduce((most, { length }) => Math.max(most, length), 0);
export const nameLength: Read = ({ query }) => query?.hostname.length;
export const uriLength: Read = (event) => uri(event)?.length;
export const bytesMoved: Read = ({ traffic }) =>
  traffic === undefined ? undefined : (traffic.bytes_in ?? 0) + (traffic.bytes_out ?? 0);

/** Whom an event is about where a log has no names: who acts, else the address it came from. */
export const whoever: Read = ({ actor, src_endpoint: from }) => actor?.user?.uid ?? from?.ip;
