/** A layer of ATT&CK Navigator: which techniques are tried here, and what came of it. Ids only. Source: layer format 4.5 */
import { oneLine, type Exported } from './exported.ts';
import { standings } from './standing.ts';

const COLORS = { pass: '#2f9e44', fail: '#e03131', unknown: '#adb5bd' } as const;

export function attackLayer({ system, tests, runs, now }: Exported) {
  const all = standings(tests, runs, now);
  const ids = [...new Set(tests.flatMap(({ maps }) => maps.attack ?? []))].toSorted();
  return {
    name: oneLine(`${system.name}: techniques that are tested`),
    versions: { attack: '17', navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: oneLine(`${tests.length} tests, ${now.toISOString()}. The score is the share of tests that passed within their interval.`), // prettier-ignore
    techniques: ids.map((techniqueID) => {
      const about = all.filter(({ test }) => test.maps.attack?.includes(techniqueID) ?? false);
      const states = about.map(({ state }) => state);
      const state = states.includes('fail') ? 'fail' : states.includes('unknown') ? 'unknown' : 'pass';
      return {
        techniqueID,
        score: Math.round((100 * states.filter((each) => each === 'pass').length) / states.length),
        color: COLORS[state],
        enabled: true,
        comment: oneLine(about.map(({ test, state: each }) => `${test.id} ${each}`).join(', ')),
        showSubtechniques: techniqueID.includes('.'),
      };
    }),
    gradient: { colors: [COLORS.fail, COLORS.pass], minValue: 0, maxValue: 100 },
    legendItems: [
      { label: 'passed, within its interval', color: COLORS.pass },
      { label: 'failed', color: COLORS.fail },
      { label: 'not run, invalid or too old', color: COLORS.unknown },
    ],
  };
}
