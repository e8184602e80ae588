/** Numbers of persons in Asia, the Pacific, Turkey, Israel and South Africa. */
import { digitAt, isDay, luhn, mod11Of2, pairAt, verhoeff, weighted } from '../checksums.ts';
import type { NationalRule } from './rule.ts';

const aadhaar = (digits: string): boolean => digits.charAt(0) > '1' && verhoeff(digits);
/** The fourth letter says what the holder is; P is a person. */
const pan = (signs: string): boolean => signs.charAt(3) === 'P';

function residentId(signs: string): boolean {
  const year = Number(signs.slice(6, 10));
  return year >= 1900 && year <= 2099 && isDay(pairAt(signs, 10), pairAt(signs, 12), year) && mod11Of2(signs);
}

/** Numbers given since October 2020 have no check; the day and the century digit remain. */
function rrn(digits: string): boolean {
  return isDay(pairAt(digits, 2), pairAt(digits, 4)) && digits.charAt(6) !== '0';
}

function myNumber(digits: string): boolean {
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === digitAt(digits, 11);
}

/** The letter's number in the order in which the places were given theirs. */
const TAIWAN = 'ABCDEFGHJKLMNPQRSTUVXYWZIO';

function taiwan(signs: string): boolean {
  if (!'1289'.includes(signs.charAt(1))) return false;
  const place = TAIWAN.indexOf(signs.charAt(0)) + 10;
  const rest = weighted(signs.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1]);
  return (Math.floor(place / 10) + (place % 10) * 9 + rest) % 10 === 0;
}

function nric(signs: string): boolean {
  const kind = signs.charAt(0);
  let sum = weighted(signs.slice(1), [2, 7, 6, 5, 4, 3, 2]);
  if (kind === 'T' || kind === 'G') sum += 4;
  if (kind === 'S' || kind === 'T') return 'JZIHGFEDCBA'.charAt(sum % 11) === signs.charAt(8);
  return (kind === 'F' || kind === 'G') && 'XWUTRQPNMLK'.charAt(sum % 11) === signs.charAt(8);
}

function hkid(signs: string): boolean {
  const sum = 36 * 9 + (signs.charCodeAt(0) - 55) * 8 + weighted(signs.slice(1), [7, 6, 5, 4, 3, 2]);
  const last = signs.charAt(7);
  return last === 'A' || last <= '9' ? (sum + (last === 'A' ? 10 : Number(last))) % 11 === 0 : false;
}

function thai(digits: string): boolean {
  const sum = weighted(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  return digits.charAt(0) !== '0' && (11 - (sum % 11)) % 10 === digitAt(digits, 12);
}

function tckn(digits: string): boolean {
  const odd = [0, 2, 4, 6, 8].reduce((sum, at) => sum + digitAt(digits, at), 0);
  const even = [1, 3, 5, 7].reduce((sum, at) => sum + digitAt(digits, at), 0);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return digits.charAt(0) !== '0' && tenth === digitAt(digits, 9) && (odd + even + tenth) % 10 === digitAt(digits, 10);
}

function southAfrica(digits: string): boolean {
  return isDay(pairAt(digits, 2), pairAt(digits, 4)) && '012'.includes(digits.charAt(10)) && luhn(digits);
}

function ird(digits: string): boolean {
  const number = Number(digits);
  if (number < 10_000_000 || number > 150_000_000) return false;
  const padded = digits.padStart(9, '0');
  let rest = weighted(padded, [3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  if (rest !== 0 && 11 - rest === 10) rest = weighted(padded, [7, 4, 3, 2, 5, 2, 7, 6]) % 11;
  return (rest === 0 ? 0 : 11 - rest) === digitAt(padded, 8);
}

export const ASIA_PACIFIC_AFRICA: readonly NationalRule[] = [
  { country: 'IN', scheme: 'aadhaar', form: '999999999999', written: ['9999 9999 9999', '9999-9999-9999'], chance: 0.08, writtenAdds: 0.3,
    check: aadhaar, source: 'UIDAI, A UID Numbering Scheme (Verhoeff)' },
  { country: 'IN', scheme: 'pan', form: 'AAAAA9999A', chance: 0.0015, check: pan, source: 'Income Tax Department, structure of PAN' },
  { country: 'CN', scheme: 'resident id', form: '99999999999999999X', chance: 0.0003, check: residentId,
    source: 'GB 11643-1999 (ISO/IEC 7064 MOD 11-2)' },
  { country: 'KR', scheme: 'rrn', form: '9999999999999', written: ['999999-9999999'], chance: 0.03, writtenAdds: 0.4, check: rrn,
    source: '주민등록법 시행규칙 제2조, resident registration number' },
  { country: 'JP', scheme: 'my number', form: '999999999999', written: ['9999 9999 9999', '9999-9999-9999'], chance: 0.1, writtenAdds: 0.15,
    check: myNumber, source: '総務省令第85号 第5条, 個人番号 (modulus 11)' },
  { country: 'TW', scheme: 'national id', form: 'A999999999', chance: 0.04, check: taiwan, source: '戶籍法施行細則, 國民身分證統一編號' },
  { country: 'SG', scheme: 'nric', form: 'A9999999A', chance: 0.006, check: nric, source: 'ICA, NRIC and FIN check letter (modulus 11)' },
  { country: 'HK', scheme: 'hkid', form: 'A999999X', written: ['A999999(X)'], chance: 0.03, writtenAdds: 0.4, check: hkid,
    source: 'Immigration Department, HKID check digit (modulus 11)' },
  { country: 'TH', scheme: 'national id', form: '9999999999999', written: ['9-9999-99999-99-9', '9 9999 99999 99 9'], chance: 0.09, writtenAdds: 0.4, check: thai,
    source: 'กรมการปกครอง, 13-digit national identification (modulus 11)' },
  { country: 'TR', scheme: 'kimlik', form: '99999999999', chance: 0.009, check: tckn, source: 'NVİ, T.C. Kimlik Numarası (two check digits)' },
  { country: 'IL', scheme: 'teudat zehut', form: '999999999', written: ['99999999-9'], chance: 0.1, check: luhn, source: 'רשות האוכלוסין, Teudat Zehut (Luhn)' },
  { country: 'ZA', scheme: 'id number', form: '9999999999999', written: ['999999 9999 999', '999999 9999 99 9'], chance: 0.001, check: southAfrica,
    source: 'Department of Home Affairs, ID number (Luhn)' },
  { country: 'AU', scheme: 'tfn', form: '999999999', written: ['999 999 999'], chance: 0.09, writtenAdds: 0.1,
    check: (digits) => weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0, source: 'ATO, tax file number (modulus 11)' },
  { country: 'NZ', scheme: 'ird', form: '99999999', written: ['99-999-999'], chance: 0.09, check: ird, source: 'Inland Revenue, IRD number validation (modulus 11)' },
  { country: 'NZ', scheme: 'ird', form: '999999999', written: ['999-999-999'], chance: 0.09, check: ird, source: 'Inland Revenue, IRD number validation (modulus 11)' },
]; // prettier-ignore
