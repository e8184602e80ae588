/**
 * The syntax of typed text: e-mail, phone, date, card, IBAN. Each returns null, or what is wrong in words.
 *
 * Phone numbers are only checked to be plausible: parsing one takes tens of microseconds and would refuse what people
 * write; search normalises them (practices/vault/normalise.ts).
 * Sources: RFC 5321 §4.5.3.1 and §4.1.2 without quoted local parts, RFC 6531 (letters beyond ASCII); ISO 8601-1;
 * ISO/IEC 7812-1 annex B (Luhn); ISO 13616-1 and ISO/IEC 7064 (mod 97-10)
 */

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isLetter = (unit: number): boolean => (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
/** atext of RFC 5322 §3.2.3 beside letters and digits. */
const ATEXT = new Set([..."!#$%&'*+-/=?^_`{|}~"].map((sign) => sign.charCodeAt(0)));

export function checkEmail(text: string): string | null {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1) return 'must be an e-mail address: name@domain';
  if (at > 64 || text.length > 254)
    return 'must be an e-mail address of at most 64 characters before the @ and 254 in all';
  let dot = true;
  for (let i = 0; i < at; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 46) {
      if (dot) return 'must be an e-mail address: its name has a dot too many';
      dot = true;
    } else {
      if (!isDigit(unit) && !isLetter(unit) && !ATEXT.has(unit) && unit < 0xa0)
        return 'must be an e-mail address: its name has a sign that is not allowed';
      dot = false;
    }
  }
  if (dot) return 'must be an e-mail address: its name has a dot too many';
  return isDomain(text, at + 1) ? null : 'must be an e-mail address: its domain is not well formed';
}

/** Labels of 1 to 63 letters, digits and inner hyphens, at least two. */
function isDomain(text: string, from: number): boolean {
  let labels = 1;
  let start = from;
  for (let i = from; i <= text.length; i += 1) {
    const unit = i === text.length ? 46 : text.charCodeAt(i);
    if (unit === 46) {
      const size = i - start;
      if (size < 1 || size > 63 || text.charCodeAt(start) === 45 || text.charCodeAt(i - 1) === 45) return false;
      if (i < text.length) labels += 1;
      start = i + 1;
    } else if (!isDigit(unit) && !isLetter(unit) && unit !== 45 && unit < 0xa0) return false;
  }
  return labels >= 2;
}

export function checkPhone(text: string): string | null {
  let digits = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (isDigit(unit)) digits += 1;
    // letters: extensions (ext. 12, x12) and numbers written as words
    else if (!isLetter(unit) && !' +-.()/#*,;:=\u00a0\u2010\u2011\u2013'.includes(text.charAt(i)))
      return 'must be a phone number: it has a sign that is not allowed';
  }
  return digits >= 3 && digits <= 32 ? null : 'must be a phone number of 3 to 32 digits';
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export function checkCalendarDate(text: string): string | null {
  const form = 'must be a date as YYYY-MM-DD';
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return form;
  for (let i = 0; i < 10; i += 1) if (i !== 4 && i !== 7 && !isDigit(text.charCodeAt(i))) return form;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8));
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  return year >= 1 && day >= 1 && day <= days ? null : 'must be a day that exists';
}

export function checkCard(text: string): string | null {
  let sum = 0;
  let digits = 0;
  for (let i = text.length - 1; i >= 0; i -= 1) {
    const unit = text.charCodeAt(i);
    if (unit === 32 || unit === 45) continue;
    if (!isDigit(unit)) return 'must be a card number: digits, spaces and hyphens';
    let digit = unit - 48;
    if (digits % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
    digits += 1;
  }
  if (digits < 12 || digits > 19) return 'must be a card number of 12 to 19 digits';
  return sum % 10 === 0 && sum > 0 ? null : 'must be a card number: its check digit is wrong';
}

export function checkIban(text: string): string | null {
  const form = 'must be an IBAN: two letters, two check digits, 11 to 30 letters and digits';
  let signs = '';
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 32) continue;
    if (!isDigit(unit) && !isLetter(unit)) return form;
    signs += text.charAt(i);
  }
  signs = signs.toUpperCase();
  if (signs.length < 15 || signs.length > 34 || !isLetter(signs.charCodeAt(0)) || !isLetter(signs.charCodeAt(1)))
    return form;
  if (!isDigit(signs.charCodeAt(2)) || !isDigit(signs.charCodeAt(3))) return form;
  let rest = 0;
  for (let i = 0; i < signs.length; i += 1) {
    const unit = signs.charCodeAt((i + 4) % signs.length);
    rest = isDigit(unit) ? (rest * 10 + unit - 48) % 97 : (rest * 100 + unit - 55) % 97;
  }
  return rest === 1 ? null : 'must be an IBAN: its check digits are wrong';
}
