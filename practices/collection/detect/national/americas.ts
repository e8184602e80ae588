/** Numbers of persons in the Americas. */
import { digitAt, isDay, luhn, pairAt, weighted } from '../checksums.ts';
import type { NationalRule } from './rule.ts';

/** No check digit: only what was never given out. 9xx is the ITIN, with groups of its own. */
function ssn(digits: string): boolean {
  const [area, group, serial] = [digits.slice(0, 3), Number(digits.slice(3, 5)), digits.slice(5)];
  if (area === '000' || area === '666' || group === 0 || serial === '0000') return false;
  if (area < '900') return digits !== '078051120' && digits !== '219099999';
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93 && group <= 99);
}

function cpf(digits: string): boolean {
  if (digits === digits.charAt(0).repeat(11)) return false;
  const first = (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11 % 10; // prettier-ignore
  const second = (weighted(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11 % 10; // prettier-ignore
  return first === digitAt(digits, 9) && second === digitAt(digits, 10);
}

function rut(signs: string): boolean {
  const digits = signs.slice(0, -1);
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) sum += digitAt(digits, digits.length - 1 - i) * (2 + (i % 6));
  return '0K987654321'.charAt(sum % 11) === signs.charAt(signs.length - 1);
}

function cuil(digits: string): boolean {
  if (!['20', '23', '24', '25', '26', '27'].includes(digits.slice(0, 2))) return false;
  const check = 11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 10 && (check === 11 ? 0 : check) === digitAt(digits, 10);
}

const CURP_SIGNS = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ';

function curp(signs: string): boolean {
  if (!isDay(pairAt(signs, 6), pairAt(signs, 8)) || !'HMX'.includes(signs.charAt(10))) return false;
  let sum = 0;
  for (let i = 0; i < 17; i += 1) sum += CURP_SIGNS.indexOf(signs.charAt(i)) * (18 - i);
  return (10 - (sum % 10)) % 10 === digitAt(signs, 17);
}

export const AMERICAS: readonly NationalRule[] = [
  { country: 'US', scheme: 'ssn', form: '999999999', written: ['999-99-9999', '999 99 9999'], chance: 0.9, writtenAdds: 0.5, check: ssn,
    source: 'SSA, POMS RM 10201.035 and randomization of 2011; IRS Publication 4757 for ITIN' },
  { country: 'CA', scheme: 'sin', form: '999999999', written: ['999-999-999', '999 999 999'], chance: 0.09, writtenAdds: 0.1,
    check: (digits) => !'08'.includes(digits.charAt(0)) && luhn(digits), source: 'Service Canada, SIN code of practice (Luhn)' },
  { country: 'BR', scheme: 'cpf', form: '99999999999', written: ['999.999.999-99'], chance: 0.01, writtenAdds: 0.4, check: cpf,
    source: 'Receita Federal, CPF (two checks, módulo 11)' },
  { country: 'CL', scheme: 'rut', form: '99999999X', written: ['99.999.999-X', '99999999-X'], chance: 0.09, writtenAdds: 0.35, check: rut,
    source: 'SII, dígito verificador del RUT (módulo 11)' },
  { country: 'CL', scheme: 'rut', form: '9999999X', written: ['9.999.999-X', '9999999-X'], chance: 0.09, writtenAdds: 0.35, check: rut,
    source: 'SII, dígito verificador del RUT (módulo 11)' },
  { country: 'AR', scheme: 'cuil', form: '99999999999', written: ['99-99999999-9'], chance: 0.005, writtenAdds: 0.35, check: cuil,
    source: 'ANSES, CUIL (módulo 11)' },
  { country: 'MX', scheme: 'curp', form: 'AAAA999999AAAAAAX9', chance: 0.0005, check: curp,
    source: 'RENAPO, instructivo normativo de la CURP (2021), dígito verificador' },
]; // prettier-ignore
