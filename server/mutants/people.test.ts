import { test } from 'node:test';

import { killing } from '../testing-mutants.ts';

const { mutants, kill, live } = await killing('people');
for (const mutant of mutants) test(`${mutant.id} (${mutant.says}) is killed`, () => kill(mutant));
test('without a mutant none of these tests fails', live);
