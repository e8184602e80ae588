/**
 * Check digits. All take digits as text, the check digit last unless said otherwise.
 * Sources: ISO/IEC 7812-1 annex B (Luhn); ISO/IEC 7064 (MOD 11-2, MOD 11,10, MOD 97-10); J. Verhoeff, Error Detecting
 * Decimal Codes (1969); ICAO Doc 9303-3 §4.9 (weights 7, 3, 1)
 */

export const digitAt = (text: string, at: number): number => text.charCodeAt(at) - 48;

export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, twice = false; i >= 0; i -= 1, twice = !twice) {
    const digit = digitAt(digits, i);
    sum += twice ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** Sum of digits times weights, over as many digits as there are weights. */
export function weighted(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += digitAt(digits, i) * (weights[i] as number);
  return sum;
}

/** Hybrid system MOD 11,10: the last digit checks all before it. */
export function mod11Of10(digits: string): boolean {
  let product = 10;
  for (let i = 0; i < digits.length - 1; i += 1) {
    const sum = (digitAt(digits, i) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (product + digitAt(digits, digits.length - 1)) % 10 === 1;
}

/** Pure system MOD 11-2; X stands for 10. */
export function mod11Of2(signs: string): boolean {
  let sum = 0;
  for (let i = 0; i < signs.length - 1; i += 1) sum = ((sum + digitAt(signs, i)) * 2) % 11;
  const last = signs.charAt(signs.length - 1);
  return (sum + (last === 'X' ? 10 : Number(last))) % 11 === 1;
}

/** Remainder by 97 of digits and capital letters, A = 10 to Z = 35. */
export function mod97(signs: string): number {
  let rest = 0;
  for (let i = 0; i < signs.length; i += 1) {
    const unit = signs.charCodeAt(i);
    rest = unit < 58 ? (rest * 10 + unit - 48) % 97 : (rest * 100 + unit - 55) % 97;
  }
  return rest;
}

const DIHEDRAL = ['0123456789', '1234067895', '2340178956', '3401289567', '4012395678',
  '5987604321', '6598710432', '7659821043', '8765932104', '9876543210'] as const; // prettier-ignore
const PERMUTED = ['0123456789', '1576283094', '5803796142', '8916043527', '9453126870',
  '4286573901', '2793806415', '7046913258'] as const; // prettier-ignore

export function verhoeff(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digitAt(digits, digits.length - 1 - i);
    const moved = digitAt(PERMUTED[i % 8] as string, digit);
    check = digitAt(DIHEDRAL[check] as string, moved);
  }
  return check === 0;
}

/** The check digit of a field of a machine readable zone: digits, letters, and `<` for nothing. */
export function mrzDigit(field: string): number {
  let sum = 0;
  for (let i = 0; i < field.length; i += 1) {
    const unit = field.charCodeAt(i);
    const value = unit === 60 ? 0 : unit < 58 ? unit - 48 : unit - 55;
    sum += value * ([7, 3, 1][i % 3] as number);
  }
  return sum % 10;
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Whether there is such a day in some year; with a year, in that one. */
export function isDay(month: number, day: number, year?: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > (MONTH_DAYS[month - 1] as number)) return false;
  if (month !== 2 || day !== 29 || year === undefined) return true;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Two digits from `at`. */
export const pairAt = (text: string, at: number): number => digitAt(text, at) * 10 + digitAt(text, at + 1);
