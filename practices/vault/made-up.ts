/** Values that are nobody's. */
import type { FieldSpec } from '#practices/collection';

/** So many numbers are kept for films. */
export const NUMBERS = 1000;

/**
 * A value of this type that is nobody's, another for each canary: an address of RFC 2606, a telephone number of those that
 * the Bundesnetzagentur keeps for films, a card of the ISO's own (no issuer begins with 0), an account at no bank.
 * @param n tells one from the other, below 1000
 */
export function madeUp(spec: FieldSpec, text: string, n: number): unknown {
  const fits = text.slice(0, spec.maxLength);
  switch (spec.type) {
    case 'text':
    case 'name':
    case 'address':
      return fits;
    case 'email':
      return `${text.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()}@canary.invalid`;
    case 'date':
      return '1900-01-01';
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'json':
      return { canary: fits };
    case 'choice':
      return spec.values?.[0] ?? null;
    case 'country':
      return 'DE';
    case 'postcode':
      return '00000';
    case 'phone':
      return `+493023125${String(n).padStart(3, '0')}`;
    case 'card':
      return luhn(`0000999999${String(n).padStart(5, '0')}`);
    case 'iban':
      return iban('DE', `${'0'.repeat(8)}${String(n).padStart(10, '0')}`);
  }
  return null;
}

/** With its check digit. Source: ISO/IEC 7812-1, annex B */
function luhn(digits: string): string {
  const sum = [...digits].toReversed().reduce((total, digit, at) => {
    const twice = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return total + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** With its check digits. Source: ISO 7064, MOD 97-10 */
function iban(country: string, account: string): string {
  const letters = [...country].map((letter) => letter.charCodeAt(0) - 55).join('');
  const check = 98n - (BigInt(`${account}${letters}00`) % 97n);
  return `${country}${String(check).padStart(2, '0')}${account}`;
}
