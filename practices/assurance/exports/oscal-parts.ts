/** What OSCAL's documents have in common here: metadata, observations, risks. */
import type { ControlTest, Finding, Result } from '../types.ts';
import { oneLine, oscalTime, type Exported } from './exported.ts';
import { uuid5 } from './uuid5.ts';

export const OSCAL_VERSION = '1.2.2';
/** Of our own properties. */
export const NAMESPACE = 'urn:strongroom:assurance';
/** Of the systems that OSCAL lists for facets, the one for all others. */
const FACETS = 'http://csrc.nist.gov/ns/oscal/unknown';

export const metadataOf = (title: string, { system, now }: Exported) => ({
  title: oneLine(`${title}: ${system.name}`),
  'last-modified': oscalTime(now),
  version: oneLine(system.version),
  'oscal-version': OSCAL_VERSION,
});

export const prop = (name: string, value: string) => ({ name, ns: NAMESPACE, value: oneLine(value) });

/**
 * A runner or a tool is a component of the assessment: what it says has its id.
 * @param scope the run, or the plan: each lists its own, and no id is twice in a document
 */
export const toolId = (system: Exported['system'], scope: string, tool: string): string =>
  uuid5(system.id, 'tool', scope, tool);

export const originOf = (system: Exported['system'], scope: string, tool: string) => ({
  actors: [{ type: 'tool', 'actor-uuid': toolId(system, scope, tool) }],
});

export const observationId = (system: Exported['system'], { run, testId }: Pick<Result, 'run' | 'testId'>): string =>
  uuid5(system.id, 'observation', run, testId);

const HOUR_MS = 3_600_000;

export function observationOf(result: Result, test: ControlTest, runner: string, { system }: Exported) {
  return {
    uuid: observationId(system, result),
    title: oneLine(`${test.id} ${test.title}`),
    description: oneLine(`${test.hypothesis} ${result.because}`),
    props: [
      prop('test', test.id),
      prop('kind', test.kind),
      prop('verdict', result.verdict),
      prop('prevented', result.prevented),
      prop('detected', result.detected),
      prop('recorded', result.recorded),
    ],
    methods: ['TEST'],
    types: ['control-objective'],
    origins: [originOf(system, result.run, runner)],
    ...(result.evidence.length === 0
      ? {}
      : {
          'relevant-evidence': result.evidence.map(({ hash, kind, sizeBytes }) => ({
            // as the auditor's bundle names it
            href: `evidence/${hash}`,
            description: oneLine(`${kind}, ${sizeBytes} bytes`),
            props: [prop('sha-256', hash)],
          })),
        }),
    collected: oscalTime(result.at),
    // from then on it proves nothing
    expires: oscalTime(new Date(result.at.getTime() + test.intervalHours * HOUR_MS)),
  };
}

export const riskId = (system: Exported['system'], finding: Pick<Finding, 'fingerprint'>): string =>
  uuid5(system.id, 'risk', finding.fingerprint);

/** The states of findings in OSCAL's words. */
const RISK_STATES: Readonly<Record<Finding['state'], string>> = {
  new: 'open',
  triaged: 'open',
  'in progress': 'remediating',
  'ready for retest': 'remediating',
  'verified fixed': 'closed',
  accepted: 'deviation-approved',
  'not affected': 'closed',
  'false positive': 'closed',
  duplicate: 'closed',
};

export function riskOf(finding: Finding, { system }: Exported, scope: string) {
  return {
    uuid: riskId(system, finding),
    title: oneLine(finding.title),
    description: oneLine(`${finding.title}, in ${finding.asset} at ${finding.place}`),
    statement: oneLine(finding.reason ?? `${finding.rule} by ${finding.source}`),
    props: [prop('fingerprint', finding.fingerprint), prop('state', finding.state)],
    status: RISK_STATES[finding.state],
    characterizations: [
      {
        origin: originOf(system, scope, finding.source),
        facets: [
          { name: 'severity', system: FACETS, value: finding.severity },
          // a vector of another version says so itself
          ...(finding.cvss === undefined ? [] : [{ name: 'cvss-vector', system: FACETS, value: finding.cvss }]),
        ],
      },
    ],
    deadline: oscalTime(finding.dueAt),
  };
}

/** Tools that findings come from, besides the runners: origins have to name something that is there. */
export const componentOf = (system: Exported['system'], scope: string, name: string, version: string) => ({
  uuid: toolId(system, scope, name),
  type: 'software',
  title: oneLine(name),
  description: 'Runs tests or scans, and reports what it finds.',
  props: [{ name: 'version', value: oneLine(version) }],
  status: { state: 'operational' },
});

export const planOf = (system: Exported['system'], tests: readonly ControlTest[]) => ({
  uuid: uuid5(system.id, 'plan'),
  title: 'The catalogue of control tests',
  description: oneLine(`${tests.length} tests, each with its hypothesis, interval and maps`),
  rlinks: [{ href: 'tests.json', 'media-type': 'application/json' }],
});
