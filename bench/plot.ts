/** The plot of all goals, drawn by Vega-Lite without a browser. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

import { LEAST, MOST, type Dot } from './summary.ts';

const COLOR = {
  field: 'outcome',
  type: 'nominal' as const,
  title: null,
  scale: { domain: ['met', 'missed'], range: ['#2b6cb0', '#c05621'] },
};
/** Also told apart without colours. */
const SHAPE = {
  field: 'outcome',
  type: 'nominal' as const,
  title: null,
  scale: { domain: ['met', 'missed'], range: ['circle', 'cross'] },
};

/** @returns SVG, readable on light and dark ground since it brings its own */
export async function plotOf(dots: readonly Dot[]): Promise<string> {
  const practices = [...new Set(dots.map(({ practice }) => practice))];
  const view = new View(parse(compile(specOf(practices, dots)).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

const specOf = (practices: readonly string[], dots: readonly Dot[]): TopLevelSpec => ({
  background: 'white',
  padding: 12,
  spacing: 8,
  config: {
    font: 'sans-serif',
    axisYDiscrete: { labelLimit: 800 },
    view: { stroke: '#cbd5e0' },
    legend: { orient: 'top' },
  },
  vconcat: practices.map((practice, nth) => {
    // every practice on the same ground; the numbers stand under the last one
    const x = {
      type: 'quantitative' as const,
      title:
        nth === practices.length - 1
          ? 'times the goal: right of the line it is met; what is further away stands at the edge'
          : null,
      scale: { type: 'log' as const, domain: [LEAST, MOST], nice: false },
      axis: { values: [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64], format: '~r', gridColor: '#e2e8f0' },
    };
    const y = { field: 'says', type: 'nominal' as const, title: null, sort: null };
    return {
      title: { text: practice, anchor: 'start' as const, frame: 'group' as const },
      width: 420,
      height: { step: 17 },
      data: {
        values: dots.filter((dot) => dot.practice === practice).map(({ met, ...dot }) => ({ ...dot, outcome: met ? 'met' : 'missed' })), // prettier-ignore
      },
      layer: [
        { mark: { type: 'rule' as const, color: '#1a202c', strokeWidth: 1.5 }, encoding: { x: { datum: 1, ...x } } },
        {
          mark: { type: 'rule' as const, strokeWidth: 2, opacity: 0.45 },
          encoding: { y, x: { field: 'low', ...x }, x2: { field: 'high' }, color: COLOR },
        },
        {
          mark: { type: 'point' as const, filled: true, size: 70, opacity: 1 },
          encoding: { y, x: { field: 'times', ...x }, color: COLOR, shape: SHAPE },
        },
      ],
    };
  }),
});
