/** Numbers of persons in western and southern Europe. */
import { digitAt, isDay, luhn, mod11Of10, mod97, pairAt, weighted } from '../checksums.ts';
import type { NationalRule } from './rule.ts';

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const dni = (digits: string, letter: string): boolean => DNI_LETTERS.charAt(Number(digits) % 23) === letter;

/** Values of the odd places of a codice fiscale, for 0 to 9 and A to Z. */
const CF_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14,
  16, 10, 22, 25, 24, 23] as const; // prettier-ignore

function codiceFiscale(signs: string): boolean {
  if (!'ABCDEHLMPRST'.includes(signs.charAt(8))) return false;
  let sum = 0;
  for (let i = 0; i < 15; i += 1) {
    const unit = signs.charCodeAt(i);
    const even = unit < 58 ? unit - 48 : unit - 65;
    const odd = CF_ODD[unit < 58 ? unit - 48 : unit - 55] as number;
    sum += i % 2 === 0 ? odd : even;
  }
  return String.fromCharCode(65 + (sum % 26)) === signs.charAt(15);
}

/** One digit stands twice or three times among the first ten, no digit more than three times. */
function steuerId(digits: string): boolean {
  if (digits.startsWith('0')) return false;
  const counts = new Uint8Array(10);
  for (let i = 0; i < 10; i += 1) counts[digitAt(digits, i)] = (counts[digitAt(digits, i)] as number) + 1;
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] as number) <= 3 && mod11Of10(digits);
}

function nir(signs: string): boolean {
  if (signs.charAt(0) !== '1' && signs.charAt(0) !== '2') return false;
  const month = pairAt(signs, 3);
  if (!((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50)) return false;
  // Corsica: 2A counts as 19, 2B as 18
  const corsica = signs.charAt(5) === '2' && (signs.charAt(6) === 'A' || signs.charAt(6) === 'B');
  if (!corsica && signs.charCodeAt(6) > 57) return false;
  const plain = corsica ? `${signs.slice(0, 5)}${signs.charAt(6) === 'A' ? '19' : '18'}${signs.slice(7)}` : signs;
  return 97 - mod97(plain.slice(0, 13)) === Number(plain.slice(13));
}

function ppsn(signs: string): boolean {
  const second = signs.length === 9 ? signs.charCodeAt(8) - 64 : 0;
  if (second === 23) return ppsn(signs.slice(0, 8)); // W: the older form of married women
  const sum = weighted(signs, [8, 7, 6, 5, 4, 3, 2]) + second * 9;
  return 'WABCDEFGHIJKLMNOPQRSTUV'.charAt(sum % 23) === signs.charAt(7);
}

function nino(signs: string): boolean {
  const [first, second, both] = [signs.charAt(0), signs.charAt(1), signs.slice(0, 2)];
  if ('DFIQUV'.includes(first) || 'DFIQUVO'.includes(second)) return false;
  return !['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'].includes(both) && 'ABCD'.includes(signs.charAt(8));
}

function nhs(digits: string): boolean {
  const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 10 && (check === 11 ? 0 : check) === digitAt(digits, 9);
}

function nrn(digits: string): boolean {
  const [month, day] = [pairAt(digits, 2), pairAt(digits, 4)];
  if (month > 12 || day > 31) return false;
  const check = Number(digits.slice(9));
  const first = Number(digits.slice(0, 9));
  return check === 97 - (first % 97) || check === 97 - ((2_000_000_000 + first) % 97);
}

function ahv(digits: string): boolean {
  return digits.startsWith('756') && weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}

function svnr(digits: string): boolean {
  const [day, month] = [pairAt(digits, 4), pairAt(digits, 6)];
  if (digits.startsWith('0') || day < 1 || day > 31 || month < 1 || month > 15) return false;
  return weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digitAt(digits, 3);
}

function bsn(digits: string): boolean {
  const sum = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) - digitAt(digits, 8);
  return sum > 0 && sum % 11 === 0;
}

function nif(digits: string): boolean {
  const check = 11 - (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return '123'.includes(digits.charAt(0)) && (check > 9 ? 0 : check) === digitAt(digits, 8);
}

export const WESTERN_EUROPE: readonly NationalRule[] = [
  { country: 'GB', scheme: 'nino', form: 'AA999999A', written: ['AA 99 99 99 A'], chance: 0.08, writtenAdds: 0.3, check: nino,
    source: 'HMRC, National Insurance Manual NIM39110' },
  { country: 'GB', scheme: 'nhs number', form: '9999999999', written: ['999 999 9999'], chance: 0.09, check: nhs,
    source: 'NHS Data Model and Dictionary, NHS NUMBER (modulus 11)' },
  { country: 'IE', scheme: 'ppsn', form: '9999999A', chance: 0.04, check: ppsn,
    source: 'Revenue, PPS number check character (modulus 23)' },
  { country: 'IE', scheme: 'ppsn', form: '9999999AA', chance: 0.04, check: ppsn,
    source: 'Revenue, PPS number check character (modulus 23), form from 2013' },
  { country: 'DE', scheme: 'steuer-id', form: '99999999999', written: ['99 999 999 999'], chance: 0.03, check: steuerId,
    source: 'BZSt, Steueridentifikationsnummer (ISO/IEC 7064 MOD 11,10)' },
  { country: 'FR', scheme: 'nir', form: '99999X999999999', written: ['9 99 99 9X 999 999 99', '9 99 99 9X 999 99999', '9999X999999999 99'],
    chance: 0.001, check: nir, source: 'INSEE, numéro d’inscription au répertoire (97 − n mod 97)' },
  { country: 'ES', scheme: 'dni', form: '99999999A', written: ['99999999-A', '99.999.999-A', '99999999 A'], chance: 0.04,
    writtenAdds: 0.1, check: (signs) => dni(signs.slice(0, 8), signs.charAt(8)),
    source: 'Ministerio del Interior, dígito de control del NIF (módulo 23)' },
  { country: 'ES', scheme: 'nie', form: 'A9999999A', written: ['A-9999999-A', 'A9999999-A'], chance: 0.005,
    check: (signs) => 'XYZ'.includes(signs.charAt(0)) && dni('XYZ'.indexOf(signs.charAt(0)) + signs.slice(1, 8), signs.charAt(8)),
    source: 'Ministerio del Interior, dígito de control del NIE (módulo 23)' },
  { country: 'IT', scheme: 'codice fiscale', form: 'AAAAAAXXAXXAXXXA', written: ['AAA AAA XXAXX AXXXA'], chance: 0.0001, check: codiceFiscale,
    source: 'D.M. 23/12/1976, codice fiscale' },
  { country: 'PT', scheme: 'nif', form: '999999999', written: ['999 999 999'], chance: 0.03, writtenAdds: 0.1, check: nif,
    source: 'Autoridade Tributária, NIF (módulo 11)' },
  { country: 'NL', scheme: 'bsn', form: '999999999', written: ['9999.99.999', '999.99.999'], chance: 0.09, check: bsn,
    source: 'RvIG, Burgerservicenummer (elfproef)' },
  { country: 'BE', scheme: 'rijksregisternummer', form: '99999999999', written: ['99.99.99-999.99', '99.99.99-999-99'], chance: 0.008,
    writtenAdds: 0.4, check: nrn, source: 'Koninklijk besluit 3 april 1984, identificatienummer (97 − n mod 97)' },
  { country: 'CH', scheme: 'ahv', form: '9999999999999', written: ['999.9999.9999.99'], chance: 0.0001, check: ahv,
    source: 'BSV, AHV-Nummer (EAN-13, country 756)' },
  { country: 'AT', scheme: 'svnr', form: '9999999999', written: ['9999 999999'], chance: 0.003, check: svnr,
    source: 'Dachverband der Sozialversicherungsträger, Versicherungsnummer (modulo 11)' },
  { country: 'GR', scheme: 'amka', form: '99999999999', chance: 0.003,
    check: (digits) => isDay(pairAt(digits, 2), pairAt(digits, 0)) && luhn(digits), source: 'ΗΔΙΚΑ, ΑΜΚΑ (Luhn)' },
]; // prettier-ignore
