/** The tree of purposes: a purpose takes over from its parent what it does not say itself. */
import type { Purpose } from './catalog.ts';
import type { Report } from './catalog-problem.ts';
import type { PurposeFile } from './catalog-shape.ts';
import { checkCalendarDate } from './value-syntax.ts';

const PURPOSE_ID = /^[a-z][a-z0-9_]{0,30}(?:\.[a-z][a-z0-9_]{0,30}){0,5}$/;

/** @returns the purposes in the order of their ids, parents before children */
export function resolvePurposes(file: Readonly<Record<string, PurposeFile>>, report: Report): Map<string, Purpose> {
  const purposes = new Map<string, Purpose>();
  const ids = Object.keys(file).toSorted();
  const grouping = new Set(ids.flatMap((id) => (id.includes('.') ? [parentOf(id) as string] : [])));
  for (const id of ids) {
    const declared = file[id] as PurposeFile;
    const at = ['purposes', id];
    if (!PURPOSE_ID.test(id)) {
      report(
        at,
        'this is not a purpose id',
        'write parts of small letters, digits and _, joined by dots: service.support',
      );
      continue;
    }
    const parent = parentOf(id);
    const above = parent === null ? undefined : purposes.get(parent);
    if (parent !== null && above === undefined)
      report(at, `the parent ${parent} is not declared`, `declare ${parent} under purposes: with a title`);
    const legalBasis = declared.legalBasis ?? above?.legalBasis ?? null;
    if (legalBasis === null && !grouping.has(id)) {
      report(
        at,
        'the purpose has no legal basis',
        'add legalBasis: consent, contract, legal-obligation, vital-interest, public-task or legitimate-interest',
      );
    }
    if (legalBasis === 'consent' && declared.requiresConsent === false) {
      report(
        [...at, 'requiresConsent'],
        'a purpose based on consent requires consent',
        'remove requiresConsent, or change legalBasis',
      );
    }
    const dayFault = declared.until === undefined ? null : checkCalendarDate(declared.until);
    if (dayFault !== null) report([...at, 'until'], `the end ${dayFault}`, 'write the last day as YYYY-MM-DD');
    purposes.set(id, {
      id,
      title: declared.title,
      description: declared.description ?? null,
      legalBasis,
      requiresConsent:
        declared.requiresConsent ??
        (legalBasis === 'consent' || (declared.legalBasis === undefined && above?.requiresConsent === true)),
      art9: declared.art9 ?? above?.art9 ?? null,
      // as with consent, what holds above holds below; absent is null, so that catalogues without it keep their version
      sharedForAds: (declared.sharedForAds ?? above?.sharedForAds ?? false) ? true : null,
      until: declared.until ?? above?.until ?? null,
      parent,
    });
  }
  return purposes;
}

function parentOf(id: string): string | null {
  const dot = id.lastIndexOf('.');
  return dot < 0 ? null : id.slice(0, dot);
}
