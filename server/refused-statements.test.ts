/** No statement of the product, hot or not, is one of those that Citus refuses wherever tables are spread: read from the sources. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { readLayout } from '#platform/db';

import { reachOf } from './testing-shards.ts';

const layout = readLayout(readFileSync('deploy/database/citus.sql', 'utf8'));

/** What is refused all the same, and what does not work there for it; docs/scaling.md says so. */
const KNOWN: readonly (readonly [statement: RegExp, because: string])[] = [
  [/^practices\/vault\/store\/chunks\.ts: with alive as /, 'parts of an attachment come in with their upload touched, by one statement: no attachment can be added'],
  [/^practices\/vault\/store\/hits\.ts: with \$1 select e\.epoch as index_epoch/, 'a search reads whom it found by the same statement, so that both are of one moment: no search'],
]; // prettier-ignore

/** Sent only where `hasCitus` said that there is none. */
const WITHOUT_CITUS: readonly RegExp[] = [
  /^practices\/vault\/store\/rings\.ts: select subject_id, epoch, ring, second_epoch, second_ring, consents from vault\.keyrings where subject_id = any\(\$1::uuid\[\]\) order by subject_id for no key update$/,
];

/** From the backtick at `from` to the one that ends it; what is put in is a parameter, or, where it is a table, one that is spread. */
function templateAt(source: string, from: number): { text: string; end: number } {
  let text = '';
  let at = from + 1;
  while (at < source.length && source[at] !== '`') {
    if (source.startsWith('${', at)) {
      const put = at + 2;
      let depth = 1;
      for (at = put; depth > 0 && at < source.length; at += 1) {
        if (source[at] === '`') at = templateAt(source, at).end;
        else if (source[at] === '{') depth += 1;
        else if (source[at] === '}') depth -= 1;
      }
      text += /^\w+\([`'"]/.test(source.slice(put)) ? 'vault.keyrings' : '$1';
    } else {
      text += source[at];
      at += 1;
    }
  }
  return { text, end: at };
}

/** Whatever is tagged, or stands in a fragment, and looks like a statement. */
function statementsIn(source: string): string[] {
  const found: string[] = [];
  for (const { index } of source.matchAll(/(?<=[\w>\]])`\s*(?=(?:with|select|insert|update|delete|lock)\s)/g))
    found.push(templateAt(source, index).text.replaceAll(/\s+/g, ' ').trim());
  return found;
}

/** Beside what the reach says: what is joined again for each row that was found. Source: Citus 13, "SQL Support and Workarounds" */
const isRefused = (sql: string): boolean => {
  const reach = reachOf(sql, layout);
  return reach === 'refused' || (reach !== 'home' && /\bjoin lateral\b/.test(sql));
};
const refusedIn = (source: string): string[] => statementsIn(source).filter(isRefused);

test('no store locks rows of several nodes, or changes what every node has by what is spread; the reader of sources finds them', (t) => {
  const files = globSync('{platform,practices,server}/**/*.ts').filter((file) => !/testing|\.test\.ts$/.test(file));
  const statements = files.flatMap((file) => statementsIn(readFileSync(file, 'utf8')));
  const spread = statements.filter((sql) => reachOf(sql, layout) !== 'home').length;
  t.diagnostic(`${statements.length} statements in ${files.length} files, ${spread} on spread tables`);
  assert.ok(statements.length > 1000 && spread > 100, 'statements are found');
  const refused = files.flatMap((file) => refusedIn(readFileSync(file, 'utf8')).map((sql) => `${file}: ${sql}`));
  const known = [...KNOWN.map(([is]) => is), ...WITHOUT_CITUS];
  assert.deepEqual(refused.filter((each) => !known.some((is) => is.test(each))), []);
  // one that was mended is known no more
  for (const is of known) assert.ok(refused.some((each) => is.test(each)), `${is}`);

  for (const source of [
    'await tx`select 1 from vault.keyrings k where k.subject_id = any(${[...ids].map(({ id }) => `${id}`)}::uuid[]) for no key update of k`',
    'await tx<{ n: number }[]>`\n  select epoch from ${tx(`vault.${table}`)} where epoch = ${one} for share`',
    "tx`update vault.epochs e set state = 'destroyed' where not exists (select from vault.lookups l where l.epoch = e.epoch)`",
    'db`\n select\n  p.id from page p left join lateral (select from vault.records r where r.subject_id = p.id) s on true`',
  ])
    assert.equal(refusedIn(source).length, 1, source);
}); // prettier-ignore
