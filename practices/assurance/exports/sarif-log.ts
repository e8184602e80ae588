/** SARIF 2.1.0: all findings, with their fingerprints, so that whoever imports them twice has them once. */
import { FINGERPRINT_KEY } from '../fingerprint.ts';
import { scoreOf } from '../severity.ts';
import type { Finding, FindingState, Severity } from '../types.ts';
import { isOpen } from '../types.ts';
import { oneLine, type Exported } from './exported.ts';
import { uuid5 } from './uuid5.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note' | 'none'>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'none' }; // prettier-ignore
/** A number of 0 to 10 for those that sort by it, where there is no vector. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
};
const SUPPRESSED: ReadonlySet<FindingState> = new Set(['accepted', 'not affected', 'false positive', 'duplicate']);

export function sarifLog({ system, tests, findings, now }: Exported) {
  const rules = [...new Set(findings.map(({ rule }) => rule))].toSorted();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Strongroom',
            version: system.version,
            rules: rules.map((rule) => {
              const of = findings.filter((finding) => finding.rule === rule);
              const test = tests.find(({ id }) => id === of[0]?.testId);
              return {
                id: rule,
                shortDescription: { text: oneLine(test?.title ?? of[0]?.title ?? rule) },
                ...(test === undefined ? {} : { fullDescription: { text: oneLine(test.hypothesis) } }),
                properties: {
                  'security-severity': worst(of),
                  tags: ['security', ...(test === undefined ? [] : [test.family])],
                },
              };
            }),
          },
        },
        automationDetails: { id: `strongroom/${system.id}/`, guid: uuid5(system.id, 'sarif') },
        results: findings.map((finding) => resultOf(finding, rules.indexOf(finding.rule), now)),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
}

function worst(findings: readonly Finding[]): string {
  const scores = findings.map(({ cvss, severity }) => (cvss === undefined ? null : scoreOf(cvss)?.toFixed(1)) ?? SCORES[severity]); // prettier-ignore
  return scores.toSorted((one, other) => Number(other) - Number(one))[0] ?? '0.0';
}

function resultOf(finding: Finding, ruleIndex: number, now: Date) {
  const { rule, title, severity, asset, place, state, reason, fingerprint } = finding;
  const isFixed = state === 'verified fixed';
  const level = LEVELS[severity];
  return {
    ruleId: rule,
    ruleIndex,
    // §3.27.10: only a failure has a level
    ...(isFixed ? { kind: 'pass', level: 'none' } : level === 'none' ? { kind: 'informational', level } : { kind: 'fail', level }), // prettier-ignore
    message: { text: oneLine(title) },
    locations: [{ logicalLocations: [{ fullyQualifiedName: `${asset} ${place}`, name: place }] }],
    partialFingerprints: { [FINGERPRINT_KEY]: fingerprint },
    // an acceptance that is over suppresses nothing
    ...(SUPPRESSED.has(state) && !isOpen(finding, now)
      ? {
          suppressions: [
            { kind: 'external', status: 'accepted', justification: oneLine(`${state}: ${reason ?? '-'}`) },
          ],
        }
      : {}),
    properties: {
      id: finding.id,
      state,
      severity,
      source: finding.source,
      firstSeenAt: finding.firstSeenAt.toISOString(),
      lastSeenAt: finding.lastSeenAt.toISOString(),
      dueAt: finding.dueAt.toISOString(),
    },
  };
}
