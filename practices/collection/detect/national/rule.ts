/** A country's number of persons: its form, its check, and where both are laid down. */

export type NationalRule = Readonly<{
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** What the country calls it, in small letters. */
  scheme: string;
  /** Without separators: 9 for a digit, A for a letter, X for a digit or letter. */
  form: string;
  /** How it is written with separators; a space also stands for a no-break one. Without separators is always fine. */
  written?: readonly string[];
  /** Share of numbers of this form that pass: how little a match says by itself. */
  chance: number;
  /** Points that the written form adds, 0.2 unless it is rarer than that. */
  writtenAdds?: number;
  /** @param signs in the form, letters in capitals */
  check: (signs: string) => boolean;
  source: string;
}>;

export function hasForm(signs: string, form: string): boolean {
  if (signs.length !== form.length) return false;
  for (let i = 0; i < form.length; i += 1) {
    const unit = signs.charCodeAt(i);
    const wanted = form.charCodeAt(i);
    const digit = unit >= 48 && unit <= 57;
    const letter = unit >= 65 && unit <= 90;
    if (wanted === 57 ? !digit : wanted === 65 ? !letter : !digit && !letter) return false;
  }
  return true;
}
