/** What a group of digits may be: card, national number, phone, day of birth, position, device. */
import { cardIssuer, isWideIssuer } from '../cards.ts';
import { luhn } from '../checksums.ts';
import type { Reason } from '../finding.ts';
import { birthDateIn } from './dates.ts';
import { digitRunAt, isEven, type DigitRun } from './digit-run.ts';
import { ipv4In } from './network.ts';
import { contextFor, put, thingBefore, type Page } from './page.ts';
import { phoneIn, tokenBefore } from './phones.ts';
import { positionAt } from './positions.ts';

const LUHN: Reason = { says: 'passes the Luhn check', adds: 0.3 };
const GROUPED: Reason = { says: 'is grouped as on a card', adds: 0.25 };

/** At a number, a plus sign or an opening bracket. */
export function numberAt(page: Page, token: number): void {
  const run = digitRunAt(page.text, page.tokens.start[token] as number);
  if (run === null) return;
  const digits = run.digits.at(-1) as string;
  if (digits.length < 5) return;
  if (!run.plus) {
    if (ipv4In(page, token, run)) return;
    if (page.text.charCodeAt(run.start) !== 40) {
      if (digits.length >= 12) cardIn(page, token, run);
      birthDateIn(page, token, run);
      positionAt(page, token);
      deviceIn(page, token, run);
    }
  }
  if (page.wants('phone')) phoneIn(page, token, run);
}

function cardIn(page: Page, token: number, run: DigitRun): void {
  for (let last = run.sizes.length - 1; last >= 0; last -= 1) {
    const digits = run.digits[last] as string;
    if (digits.length < 12 || !run.closed[last] || !isEven(run, last)) continue;
    if (last > 0 && !isCardGrouping(run, last)) continue;
    const issuer = cardIssuer(digits);
    if (issuer === null) continue;
    const wide = isWideIssuer(issuer, digits.length);
    const range: Reason = wide
      ? { says: `begins as cards of ${issuer} may, as many other numbers do`, adds: 0.15 }
      : { says: `begins as cards of ${issuer} do`, adds: 0.35 };
    const near = contextFor(page, token, tokenBefore(page, token, run.ends[last] as number), 'card', 0.3);
    put(page, 'payment-card', run.start, run.ends[last] as number,
      [LUHN, range, last > 0 ? GROUPED : null, near, near === null ? thingBefore(page, token) : null], issuer); // prettier-ignore
    return;
  }
}

function isCardGrouping({ sizes, between }: DigitRun, last: number): boolean {
  if (between[0] !== ' ' && between[0] !== '-' && between[0] !== '\u00a0') return false;
  const groups = sizes.slice(0, last + 1);
  const form = groups.join();
  return form === '4,6,5' || form === '4,6,4' || (groups.slice(0, -1).every((size) => size === 4) && (groups[last] as number) <= 4); // prettier-ignore
}

/** IMEI: 14 digits and a Luhn digit; the first two name the body that gave it out (3GPP TS 23.003 §6.2). */
function deviceIn(page: Page, token: number, run: DigitRun): void {
  for (let last = 0; last < run.sizes.length; last += 1) {
    const digits = run.digits[last] as string;
    if (digits.length > 15) return;
    if (digits.length !== 15 || !run.closed[last] || !luhn(digits)) continue;
    const body = ['01', '35', '86', '99', '98', '44', '45', '49', '50', '51', '52', '53', '54', '91'].includes(digits.slice(0, 2)); // prettier-ignore
    if (!body) continue;
    put(page, 'device-id', run.start, run.ends[last] as number, [
      LUHN,
      { says: 'begins as an IMEI does', adds: 0.1 },
      run.sizes.slice(0, last + 1).join() === '2,6,6,1' ? { says: 'is grouped as an IMEI', adds: 0.3 } : null,
      contextFor(page, token, tokenBefore(page, token, run.ends[last] as number), 'device', 0.5),
    ], 'imei'); // prettier-ignore
  }
}
