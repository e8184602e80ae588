/**
 * CycloneDX 1.6 declarations: for each requirement of ASVS that a test is mapped to, what is claimed, what speaks for it and
 * what against. The standard's requirements are named by their ids, as its own bill of materials does.
 * Source: ECMA-424 (CycloneDX 1.6), declarations and definitions
 */
import { oneLine, type Exported } from './exported.ts';
import { standings, type Standing } from './standing.ts';
import { uuid5 } from './uuid5.ts';

export function declarations(exported: Exported) {
  const { system, tests, runs, now } = exported;
  const standing = standings(tests, runs, now).filter(({ test }) => (test.maps.asvs ?? []).length > 0);
  const ids = [...new Set(standing.flatMap(({ test }) => test.maps.asvs ?? []))].toSorted(byNumber);
  const target = 'product';
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid5(system.id, 'declarations', now.toISOString())}`,
    version: 1,
    metadata: {
      timestamp: now.toISOString(),
      component: { type: 'application', 'bom-ref': target, name: system.name, version: system.version },
    },
    definitions: {
      standards: [
        {
          'bom-ref': 'asvs-5.0.0',
          name: 'OWASP Application Security Verification Standard (ASVS)',
          version: '5.0.0',
          owner: 'OWASP Foundation',
          requirements: ids.map((id) => ({ 'bom-ref': requirementRef(id), identifier: `v5.0.0-${id}` })),
        },
      ],
    },
    declarations: {
      assessors: [{ 'bom-ref': 'assessor-self', thirdParty: false, organization: { name: system.name } }],
      attestations: ids.map((id) => attestationOf(id, standing)),
      claims: standing.map((each) => claimOf(each, target)),
      evidence: standing.flatMap(evidenceOf),
    },
  };
}

const requirementRef = (id: string): string => `asvs-5.0.0-${id}`;
const claimRef = (testId: string): string => `claim-${testId}`;
const evidenceRef = (testId: string): string => `evidence-${testId}`;

function attestationOf(id: string, standing: readonly Standing[]) {
  const about = standing.filter(({ test }) => test.maps.asvs?.includes(id) ?? false);
  const passed = about.filter(({ state }) => state === 'pass');
  const failed = about.filter(({ state }) => state === 'fail');
  const share = passed.length / about.length;
  return {
    summary: `ASVS 5.0.0 ${id}`,
    assessor: 'assessor-self',
    map: [
      {
        requirement: requirementRef(id),
        claims: passed.map(({ test }) => claimRef(test.id)),
        counterClaims: failed.map(({ test }) => claimRef(test.id)),
        conformance: {
          // a failure is none of it, however many others passed
          score: failed.length > 0 ? 0 : share,
          rationale: `${passed.length} of ${about.length} tests passed within their interval, ${failed.length} failed.`,
        },
        // of tests, and nobody else has looked
        confidence: { score: 0.5, rationale: 'Tests of our own; no third party has assessed it.' },
      },
    ],
  };
}

function claimOf({ test, state, because }: Standing, target: string) {
  return {
    'bom-ref': claimRef(test.id),
    target,
    predicate: oneLine(test.hypothesis),
    reasoning: oneLine(`${test.id} is ${state}: ${because}`),
    ...(state === 'unknown' ? {} : { [state === 'pass' ? 'evidence' : 'counterEvidence']: [evidenceRef(test.id)] }),
  };
}

function evidenceOf({ test, state, result }: Standing) {
  if (result === null || state === 'unknown') return [];
  return [
    {
      'bom-ref': evidenceRef(test.id),
      description: oneLine(`${test.id} in run ${result.run}: ${result.verdict}`),
      created: result.at.toISOString(),
      data: result.evidence.map(({ hash, kind }) => ({ name: oneLine(kind), contents: { url: `evidence/${hash}` } })),
    },
  ];
}

function byNumber(one: string, other: string): number {
  const [a, b] = [one, other].map((id) => id.split('.').map(Number)) as [number[], number[]];
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
}
