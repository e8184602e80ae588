/**
 * OSCAL assessment results: a run is a result, the result of a test an observation. A control is satisfied when all tests that
 * are mapped to it have passed, each within its interval.
 * Source: NIST OSCAL 1.2, assessment-results model
 */
import type { ControlTest, Finding, Run } from '../types.ts';
import { isOpen } from '../types.ts';
import { oneLine, oscalTime, type Exported } from './exported.ts';
import { componentOf, metadataOf, observationId, observationOf, originOf, planOf, riskId, riskOf, toolId } from './oscal-parts.ts'; // prettier-ignore
import { standings, type Standing } from './standing.ts';
import { uuid5 } from './uuid5.ts';

/** @returns null where nothing has run: a document of no results is none */
export function oscalResults(exported: Exported) {
  const { system, tests, runs } = exported;
  if (runs.length === 0) return null;
  const plan = planOf(system, tests);
  const newest = runs.toReversed();
  const standing = standings(tests, runs, exported.now);
  return {
    'assessment-results': {
      uuid: uuid5(system.id, 'results', ...runs.map(({ id }) => id).toSorted()),
      metadata: metadataOf('Assessment results', exported),
      'import-ap': { href: `#${plan.uuid}` },
      // what holds now stands with the newest run; those before it are as they were
      results: newest.map((run, at) => resultOf(run, at === 0 ? standing : null, exported)),
      'back-matter': { resources: [plan] },
    },
  };
}

function resultOf(run: Run, standing: readonly Standing[] | null, exported: Exported) {
  const { system, tests, now } = exported;
  const byId = new Map(tests.map((test) => [test.id, test]));
  const own = run.results.flatMap((each) => {
    const test = byId.get(each.testId);
    return test === undefined ? [] : [{ result: each, test }];
  });
  const observations = own.map((each) => observationOf(each.result, each.test, run.runner, exported));
  const open = standing === null ? [] : exported.findings.filter((finding) => isOpen(finding, now));
  const controls = controlsOf(standing === null ? own.map(({ test }) => test) : tests);
  const findings = standing === null ? [] : controls.map((id) => findingOf(id, standing, open, run, exported));
  const tools = [...new Set([run.runner, ...open.map(({ source }) => source)])];
  return {
    uuid: uuid5(system.id, 'result', run.id),
    title: oneLine(`Run ${run.id}`),
    description: oneLine(`${run.results.length} tests by ${run.runner} of version ${run.version}`),
    start: oscalTime(run.startedAt),
    end: oscalTime(run.endedAt),
    'local-definitions': {
      'assessment-assets': {
        components: tools.map((tool) => componentOf(system, run.id, tool, run.version)),
        'assessment-platforms': [
          {
            uuid: uuid5(system.id, 'platform', run.id),
            title: oneLine(`Canaries of ${system.name}`),
            'uses-components': [{ 'component-uuid': toolId(system, run.id, run.runner) }],
          },
        ],
      },
    },
    'reviewed-controls': {
      'control-selections': [
        controls.length === 0
          ? { 'include-all': {} }
          : { 'include-controls': controls.map((id) => ({ 'control-id': id })) },
      ],
    },
    ...(observations.length === 0 ? {} : { observations }),
    ...(open.length === 0 ? {} : { risks: open.map((finding) => riskOf(finding, exported, run.id)) }),
    ...(findings.length === 0 ? {} : { findings }),
  };
}

const controlsOf = (tests: readonly ControlTest[]): readonly string[] =>
  [...new Set(tests.flatMap(({ maps }) => maps.sp80053 ?? []))].toSorted();

function findingOf(
  control: string,
  standing: readonly Standing[],
  open: readonly Finding[],
  run: Run,
  { system }: Exported,
) {
  // prettier-ignore
  const about = standing.filter(({ test }) => test.maps.sp80053?.includes(control) ?? false);
  const not = about.filter(({ state }) => state !== 'pass');
  const seen = about.flatMap(({ result }) => (result === null ? [] : [observationId(system, result)]));
  const risks = open.filter(({ testId }) => about.some(({ test }) => test.id === testId));
  return {
    uuid: uuid5(system.id, 'finding', control),
    title: oneLine(`Control ${control}`),
    description: oneLine(`${about.length - not.length} of ${about.length} tests that are mapped to it have passed within their interval.`), // prettier-ignore
    origins: [originOf(system, run.id, run.runner)],
    target: {
      type: 'statement-id',
      'target-id': `${control}_smt`,
      status: {
        state: not.length === 0 ? 'satisfied' : 'not-satisfied',
        ...(not.length === 0 ? {} : { remarks: oneLine(not.map(({ test, state, because }) => `${test.id} is ${state}: ${because}.`).join(' ')) }), // prettier-ignore
      },
    },
    ...(seen.length === 0 ? {} : { 'related-observations': seen.map((uuid) => ({ 'observation-uuid': uuid })) }),
    ...(risks.length === 0 ? {} : { 'related-risks': risks.map((risk) => ({ 'risk-uuid': riskId(system, risk) })) }),
  };
}
