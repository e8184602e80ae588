/**
 * VEX: somebody says that a part is not affected, of which version, and why. OpenVEX 0.2, CycloneDX.
 *
 * Two things are not taken: `not affected` without a reason, and a statement about no version in particular, which would
 * hold for whatever comes next.
 */
import { componentOf } from './component.ts';
import { isMembers, listOf, membersOf, wordOf, wordsOf, type Members } from '../shape.ts';
import { advisoryFailure } from './failures.ts';
import { parsed, timeOf } from './parsed.ts';

export type VexStatus = 'not affected' | 'fixed' | 'affected' | 'under investigation';

export type VexStatement = Readonly<{
  /** CVE, GHSA and what else it is called. */
  ids: readonly string[];
  /** With the version it is about. */
  purl: string;
  status: VexStatus;
  /** A justification's name, and what was written beside it. */
  reason: string;
  at: Date | null;
}>;

export type Vex = Readonly<{
  statements: readonly VexStatement[];
  /** one sentence for each that is not taken */ refused: readonly string[];
}>;

const OPENVEX: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not affected',
  fixed: 'fixed',
  affected: 'affected',
  under_investigation: 'under investigation',
};
const CYCLONEDX: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not affected',
  false_positive: 'not affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under investigation',
};

/** @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE */
export function readVex(bytes: Uint8Array): Vex {
  const value = membersOf(parsed(bytes, 'the VEX'));
  const isOpen = (wordOf(value['@context']) ?? '').startsWith('https://openvex.dev/ns');
  if (!isOpen && wordOf(value.bomFormat) !== 'CycloneDX')
    throw advisoryFailure('ADVISORY_MALFORMED', { detail: 'the VEX is neither OpenVEX nor CycloneDX' });
  const said = isOpen
    ? listOf(value.statements)
        .filter(isMembers)
        .flatMap((each) => openStatements(each, value))
    : listOf(value.vulnerabilities)
        .filter(isMembers)
        .flatMap((each) => bomStatements(each, value));
  const refusals = said.map((each) => ({ each, why: refusalOf(each) }));
  return {
    statements: refusals.flatMap(({ each, why }) => (why === null ? [each] : [])),
    refused: refusals.flatMap(({ why }) => why ?? []),
  };
}

function refusalOf({ ids, purl, status, reason }: VexStatement): string | null {
  const about = `${ids[0] ?? 'a statement'} about ${purl === '' ? 'nothing' : purl.slice(0, 200)}`;
  if (ids.length === 0) return 'a statement names no vulnerability';
  if ((componentOf(purl)?.version ?? '') === '') return `${about} names no version: it would hold for the next one too`;
  if (status === 'not affected' && reason === '') return `${about} gives no reason`;
  return null;
}

function openStatements(statement: Members, document: Members): readonly VexStatement[] {
  const { vulnerability } = statement;
  const names = typeof vulnerability === 'string' ? [vulnerability] : [wordOf(membersOf(vulnerability).name) ?? '', ...wordsOf(membersOf(vulnerability).aliases)]; // prettier-ignore
  const status = OPENVEX[wordOf(statement.status) ?? ''];
  if (status === undefined) return [];
  const reason = [statement.justification, statement.impact_statement].flatMap((each) => wordOf(each) ?? []).join(': ');
  const at = timeOf(statement.timestamp) ?? timeOf(document.timestamp);
  return listOf(statement.products).flatMap((product) => {
    // where parts of the product are named, it is about them
    const parts = listOf(membersOf(product).subcomponents);
    return (parts.length === 0 ? [product] : parts).map((each) => ({
      ids: names.filter((name) => name !== ''),
      purl: purlOf(each),
      status,
      reason,
      at,
    }));
  });
}

const purlOf = (product: unknown): string =>
  wordOf(membersOf(membersOf(product).identifiers).purl) ?? wordOf(membersOf(product)['@id']) ?? wordOf(product) ?? '';

function bomStatements(vulnerability: Members, bom: Members): readonly VexStatement[] {
  const analysis = membersOf(vulnerability.analysis);
  const status = CYCLONEDX[wordOf(analysis.state) ?? ''];
  if (status === undefined) return [];
  const ids = [wordOf(vulnerability.id) ?? '', ...listOf(vulnerability.references).map((each) => wordOf(membersOf(each).id) ?? '')]; // prettier-ignore
  const purls = new Map(
    listOf(bom.components).map((each) => [wordOf(membersOf(each)['bom-ref']) ?? '', wordOf(membersOf(each).purl) ?? ''] as const), // prettier-ignore
  );
  return listOf(vulnerability.affects).map((affected) => {
    const ref = wordOf(membersOf(affected).ref) ?? '';
    return {
      ids: ids.filter((id) => id !== ''),
      purl: purls.get(ref) || ref,
      status,
      reason: [analysis.justification, analysis.detail].flatMap((each) => wordOf(each) ?? []).join(': '),
      at: timeOf(analysis.lastUpdated) ?? timeOf(membersOf(bom.metadata).timestamp),
    };
  });
}
