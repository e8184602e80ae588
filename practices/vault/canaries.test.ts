/** Persons who do not exist, in a catalogue that asks for every kind of value; and in one that takes none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCatalog } from '#practices/collection';

import { testInstallation } from './testing.ts';

test('canaries fit where every kind of value is required, each with others; where none may be made up there are none', async (t) => {
  const installation = await testInstallation();
  t.after(installation.close);
  const head = installation.catalogText.slice(0, installation.catalogText.search(/^collections:/m));
  const catalogOf = (fields: readonly string[]) =>
    parseCatalog(
      `${head}collections:\n  person:\n    title: P\n    owner: o\n    externalId: {name: p}\n    retention: {after: account.closed, for: P2Y}\n    fields:\n${fields.map((field) => `      ${field}\n`).join('')}`,
    );
  const field = (name: string, type: string, more = ''): string =>
    `${name}: {type: ${type}, class: personal, purposes: [service.support], required: true${more}}`;
  const unique = ', search: {exact: {unique: true}}';
  const all = [
    ...['name', 'text', 'address', 'date', 'number', 'integer', 'boolean', 'json', 'country', 'postcode'].map((type) =>
      field(`of_${type}`, type),
    ),
    field('of_choice', 'choice', ', values: [a, b]'),
    ...['email', 'phone', 'card', 'iban'].map((type) => field(`of_${type}`, type, unique)),
  ];
  const { canaries } = await installation.server({ catalog: catalogOf(all) });

  const planted = await canaries.plant(6);
  assert.equal(planted.length, 6);
  const [first, ...rest] = planted;
  await canaries.shred([first!.subjectId]);
  assert.deepEqual(await canaries.see(planted), [{ gone: true, whole: false }, ...rest.map(() => ({ gone: false, whole: true }))]); // prettier-ignore
  await canaries.shred(rest.map(({ subjectId }) => subjectId));

  // as many exercises at once: what nobody gave a value for is another's each time
  const give = (n: number) => canaries.plantGiven([{ of_name: `N ${n}` }, { of_name: `M ${n}` }], 60_000, async () => undefined); // prettier-ignore
  const given = [await give(1), await give(2), await give(3)];
  assert.deepEqual(given.map((each) => each?.length), [2, 2, 2]); // prettier-ignore
  const before = await installation.db`select count(*)::int as n from vault.records`;
  assert.equal(await canaries.plantGiven([{ of_name: 'N' }, { of_name: 'x'.repeat(100_000) }], 60_000, async () => undefined), null); // prettier-ignore
  assert.deepEqual(
    await installation.db`select count(*)::int as n from vault.records`,
    before,
    'the one whose value fits is not left',
  );

  const { canaries: none } = await installation.server({ catalog: catalogOf([field('of_phone', 'phone')]) });
  assert.deepEqual(await none.plant(6), []);
});
