/** Codes of the catalogue in words, as an authority reads them: why something is held, and until when. */
import { parseDuration } from '../retention.ts';

const BASES: Readonly<Record<string, string>> = {
  consent: 'consent (art. 6(1)(a))',
  contract: 'a contract with them (art. 6(1)(b))',
  'legal-obligation': 'a legal obligation (art. 6(1)(c))',
  'vital-interest': 'protecting somebody’s life (art. 6(1)(d))',
  'public-task': 'a public task (art. 6(1)(e))',
  'legitimate-interest': 'a legitimate interest (art. 6(1)(f))',
};
const ART9: Readonly<Record<string, string>> = {
  'explicit-consent': 'explicit consent (art. 9(2)(a))',
  'employment-social-law': 'employment and social security law (art. 9(2)(b))',
  'vital-interest': 'protecting somebody’s life (art. 9(2)(c))',
  'nonprofit-members': 'members of a non-profit body (art. 9(2)(d))',
  'made-public': 'made public by the person (art. 9(2)(e))',
  'legal-claims': 'legal claims (art. 9(2)(f))',
  'substantial-public-interest': 'substantial public interest (art. 9(2)(g))',
  'health-care': 'health care (art. 9(2)(h))',
  'public-health': 'public health (art. 9(2)(i))',
  'research-archive': 'research, archives or statistics (art. 9(2)(j))',
};
const ENDS: Readonly<Record<string, string>> = {
  erase: 'erased',
  coarsen: 'made coarser',
  'stop-use': 'no longer used',
};

export const basesInWords = (legalBases: readonly string[], art9: readonly string[]): string =>
  [...legalBases.map((each) => BASES[each] ?? each), ...art9.map((each) => ART9[each] ?? each)].join(', ');

/** P3Y, erase → "erased 3 years after the customer closed the account". */
export function keptInWords({
  action,
  for: period,
  event,
}: Readonly<{ action: string; for: string; event: string }>): string {
  const parts = parseDuration(period);
  const says = Object.entries(parts ?? {})
    .filter(([, n]) => n > 0)
    .map(([unit, n]) => `${n} ${n === 1 ? unit.slice(0, -1) : unit}`);
  const when = parts === null ? `${period} after` : says.length === 0 ? 'as soon as' : `${says.join(' and ')} after`;
  return `${ENDS[action] ?? action} ${when} ${event}`;
}
