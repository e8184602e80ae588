/** Detection in columns: which are personal, and of which type, with their names and without. */
import { createDetector } from '#practices/collection';

import { spreadOf } from '../rounds.ts';
import { goal, type Row } from '../row.ts';
import { publicColumns, type LabelledColumn } from './databases.ts';
import { precision, recall, type Count } from './score.ts';

export const columns: Row = {
  name: 'detect-columns',
  title: 'Personal data in columns of three public databases',
  how: [
    'Chinook, Northwind and the customers of Sakila, up to 1,000 values of each column; labels in bench/collection/databases.ts, written before measuring. Right is the right type, suggested or certain.',
    'Not held out: the rules were adjusted while looking at these columns. Columns on which people differ (ship_name, composer, notes) do not count.',
  ],
  measure: async ({ progress }) => {
    const all = publicColumns();
    if (all === null) return { sides: [], goals: [], missing: [{ peer: 'the databases', why: '../shared/data/customers is not there' }] }; // prettier-ignore
    const judged = all.filter(({ holds }) => holds !== 'either');
    progress(`${judged.length} columns`);
    const detector = createDetector();
    const began = performance.now();
    const [named, hidden] = [countOf(judged, true), countOf(judged, false)];
    const seconds = (performance.now() - began) / 1000;
    function countOf(given: readonly LabelledColumn[], withNames: boolean): Count {
      const count = { right: 0, wrong: 0, missed: 0 };
      for (const { table, name, sqlType, samples, holds } of given) {
        const siblings = given.filter((one) => one.table === table && one.name !== name).map((one) => one.name);
        const { type } = detector.detectColumn(withNames ? { name, table, siblings, sqlType, samples } : { name: 'c1', sqlType, samples }); // prettier-ignore
        if (type !== null && type === holds) count.right += 1;
        else if (type !== null) count.wrong += 1;
        if (holds !== null && type !== holds) count.missed += 1;
      }
      return count;
    }
    const once = (value: number) => spreadOf([value]);
    return {
      sides: [],
      goals: [
        goal('precision, with names', once(precision(named)), { atLeast: 0.97 }),
        goal('recall, with names', once(recall(named)), { atLeast: 0.95 }),
        goal('precision, names hidden', once(precision(hidden)), { atLeast: 0.95 }),
        goal('recall, names hidden', once(recall(hidden)), { atLeast: 0.75 }),
      ],
      figures: [
        { name: 'columns judged', value: judged.length, unit: '' },
        { name: 'of them personal', value: judged.filter(({ holds }) => holds !== null).length, unit: '' },
        { name: 'columns a second', value: (judged.length * 2) / seconds, unit: '' },
      ],
    };
  },
};
