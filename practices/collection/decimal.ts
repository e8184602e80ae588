/** Decimals as text: what a database writes may have more digits than a double keeps, and none may be lost in silence. */

/** `-12.5`, `3e4` is not: a decimal as people and databases write it. */
export function isDecimal(text: string): boolean {
  let digits = 0;
  let points = 0;
  for (let at = text.startsWith('-') ? 1 : 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 48 && unit <= 57) digits += 1;
    else if (unit === 46 && points === 0) points = 1;
    else return false;
  }
  return digits > 0 && digits <= 32;
}

/** True when the double nearest to the decimal is written with the same digits. */
export function keepsDigits(text: string): boolean {
  return text.length <= 15 || plainDigits(text) === plainDigits(String(Number(text)));
}

/** Sign, digits without zeros at the ends, and the place of the point: one spelling for each value. */
function plainDigits(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const leading = whole.length + fraction.length - digits.length;
  return `${sign}${significant}e${whole.length - leading + Number(exponent)}`;
}
