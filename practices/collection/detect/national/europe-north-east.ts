/** Numbers of persons in northern and eastern Europe, most of them with a day of birth inside. */
import { digitAt, isDay, luhn, mod11Of10, pairAt, weighted } from '../checksums.ts';
import type { NationalRule } from './rule.ts';

/** Also the coordination number: its day is 60 higher. */
function personnummer(digits: string): boolean {
  const short = digits.slice(-10);
  const day = pairAt(short, 4);
  return isDay(pairAt(short, 2), day > 60 ? day - 60 : day) && luhn(short);
}

function fodselsnummer(digits: string): boolean {
  const day = pairAt(digits, 0);
  // D numbers have 40 added to the day
  if (!isDay(pairAt(digits, 2), day > 40 ? day - 40 : day)) return false;
  return (
    weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
    weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
  );
}

/** The check of modulus 11 is not kept since 2007, so only the day counts. */
const cpr = (digits: string): boolean => isDay(pairAt(digits, 2), pairAt(digits, 0));

function hetu(signs: string): boolean {
  const number = Number(signs.slice(0, 6) + signs.slice(6, 9));
  return (
    isDay(pairAt(signs, 2), pairAt(signs, 0)) &&
    '0123456789ABCDEFHJKLMNPRSTUVWXY'.charAt(number % 31) === signs.charAt(9)
  );
}

function pesel(digits: string): boolean {
  const month = pairAt(digits, 2) % 20;
  return isDay(month, pairAt(digits, 4)) && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

function rodneCislo(digits: string): boolean {
  const written = pairAt(digits, 2);
  const month = written > 70 ? written - 70 : written > 50 ? written - 50 : written > 20 ? written - 20 : written;
  if (!isDay(month, pairAt(digits, 4))) return false;
  const check = Number(digits.slice(0, 9)) % 11;
  return (check === 10 ? 0 : check) === digitAt(digits, 9);
}

function cnp(digits: string): boolean {
  if (digits.startsWith('0') || !isDay(pairAt(digits, 3), pairAt(digits, 5))) return false;
  const check = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (check === 10 ? 1 : check) === digitAt(digits, 12);
}

function egn(digits: string): boolean {
  const month = pairAt(digits, 2);
  if (!isDay(month > 40 ? month - 40 : month > 20 ? month - 20 : month, pairAt(digits, 4))) return false;
  return (weighted(digits, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === digitAt(digits, 9);
}

/** Estonia and Lithuania share the form and the check. */
function isikukood(digits: string): boolean {
  if (!isDay(pairAt(digits, 3), pairAt(digits, 5)) || !'123456'.includes(digits.charAt(0))) return false;
  let check = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (check === 10) check = weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return (check === 10 ? 0 : check) === digitAt(digits, 10);
}

export const NORTHERN_AND_EASTERN_EUROPE: readonly NationalRule[] = [
  { country: 'SE', scheme: 'personnummer', form: '9999999999', written: ['999999-9999', '999999+9999'], chance: 0.004, writtenAdds: 0.25,
    check: personnummer, source: 'Skatteverket SKV 704, personnummer (Luhn)' },
  { country: 'SE', scheme: 'personnummer', form: '999999999999', written: ['99999999-9999'], chance: 0.0008, check: (digits) =>
    ['19', '20'].includes(digits.slice(0, 2)) && personnummer(digits), source: 'Skatteverket SKV 704, personnummer (Luhn)' },
  { country: 'NO', scheme: 'fødselsnummer', form: '99999999999', written: ['999999 99999'], chance: 0.0004, check: fodselsnummer,
    source: 'Skatteetaten, fødselsnummer (two checks, modulus 11)' },
  { country: 'DK', scheme: 'cpr', form: '9999999999', written: ['999999-9999'], chance: 0.037, writtenAdds: 0.25, check: cpr,
    source: 'CPR-kontoret, personnummeret i CPR' },
  { country: 'FI', scheme: 'henkilötunnus', form: '999999999X', written: ['999999-999X', '999999+999X', '999999A999X'], chance: 0.001, writtenAdds: 0.3,
    check: hetu, source: 'Digi- ja väestötietovirasto, henkilötunnus (modulus 31)' },
  { country: 'PL', scheme: 'pesel', form: '99999999999', chance: 0.018, check: pesel, source: 'gov.pl, numer PESEL (weights 1, 3, 7, 9)' },
  { country: 'CZ', scheme: 'rodné číslo', form: '9999999999', written: ['999999/9999'], chance: 0.01, writtenAdds: 0.4, check: rodneCislo,
    source: 'Zákon č. 133/2000 Sb., rodné číslo (modulus 11); the same in Slovakia' },
  { country: 'RO', scheme: 'cnp', form: '9999999999999', chance: 0.003, check: cnp, source: 'OUG 97/2005, cod numeric personal (weights 279146358279)' },
  { country: 'BG', scheme: 'egn', form: '9999999999', chance: 0.01, check: egn, source: 'ГРАО, единен граждански номер (modulus 11)' },
  { country: 'HR', scheme: 'oib', form: '99999999999', chance: 0.1, check: mod11Of10, source: 'Porezna uprava, OIB (ISO/IEC 7064 MOD 11,10)' },
  { country: 'EE', scheme: 'isikukood', form: '99999999999', chance: 0.002, check: isikukood, source: 'EVS 585:2007, isikukood; the same in Lithuania' },
]; // prettier-ignore
