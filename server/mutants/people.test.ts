import { describe, test } from 'node:test';

import { killing } from '../testing-mutants.ts';

const { mutants, kill } = await killing('people');
describe('mutants', { concurrency: 2 }, () => {
  for (const mutant of mutants) test(`${mutant.id} (${mutant.says}) is killed`, () => kill(mutant));
});
