/** What is made up for one try: values with digits that no other open try has, and texts that name them. */
import { NAMED_VALUE, type Exercise } from './exercise.ts';

export type Made = Readonly<Record<string, Readonly<Record<string, string>>>>;

const UNKNOWN = '(shown once you begin)';

/** @param number below 1000: so many are open at once; null: of no try: what has digits is not known yet, and says so */
export function valuesFor({ customers }: Pick<Exercise, 'customers'>, number: number | null): Made {
  const digits = (value: string): string =>
    number === null && value.includes('#')
      ? UNKNOWN
      : value.replaceAll(/#+/g, (run) => String(number).padStart(run.length, '0').slice(-run.length));
  return Object.fromEntries(
    Object.entries(customers).map(([name, fields]) => [
      name,
      Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, digits(value)])),
    ]),
  );
}

export const filled = (text: string, made: Made): string =>
  text.replaceAll(NAMED_VALUE, (whole, customer: string, field: string) => made[customer]?.[field] ?? whole);
