import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BEFORE_THE_RULE, migrationFiles, narrowings, narrowingsOf } from './expand-only.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

test('no migration takes away, renames or narrows what a server of the version before asks for, but those from before the rule', () => {
  assert.ok(migrationFiles(ROOT).length > 60, 'the migrations were not found');
  const found: Record<string, number> = {};
  for (const { path } of narrowings(ROOT)) found[path] = (found[path] ?? 0) + 1;
  assert.deepEqual(found, BEFORE_THE_RULE, 'add, and take away a version later: docs/operations.md');
});

test('each way to narrow is seen, over lines too; a reason lets it pass, and a comment or an addition is none', () => {
  for (const text of [
    'drop table a.b;',
    'alter table a.b drop column c;',
    'alter table a.b\n  drop constraint c;',
    'alter table a.b rename to c;',
    'alter table a.b rename column c to d;',
    'alter table a.b alter column c type bigint;',
    'alter table a.b alter c set data type text;',
    'alter table a.b alter column c set not null;',
    'alter table a.b add column c text not null;',
    'alter table a.b add column c\n text not null check (c > 1);',
    'truncate a.b;',
    'drop index a.c;',
    'drop materialized view a.c;',
    'alter table a.b drop c;',
    'alter table a.b alter column c drop default;',
    'alter table a.b add c text not null;',
    'alter table a.b add column c numeric(3,1) not null;',
    'alter table a.b add constraint x check (c is not null);',
    'alter table a.b add constraint x foreign key (c) references a.d (e);',
    'create unique index c on a.b (d);',
  ])
    // prettier-ignore
    assert.equal(narrowingsOf('x.sql', text).length, 1, text);
  for (const text of [
    'create table a.b (c text not null);',
    'alter table a.b add column c text;',
    'alter table a.b add column c text not null default 1;',
    'alter table a.b add column c bigint default 0 not null;',
    '-- drop table a.b\nselect 1;',
    'create index c on a.b (d);',
    'create table a.b (d text);\ncreate unique index c on a.b (d);',
    'alter table a.b add column c numeric(3, 1) not null default 1;',
    'alter table a.b alter column c drop not null;',
    '-- expand-only: allow, because 0.3 asks for it no more\ndrop table a.b;',
  ])
    // prettier-ignore
    assert.deepEqual(narrowingsOf('x.sql', text), [], text);
  assert.equal(narrowingsOf('x.sql', '-- expand-only: allow\ndrop table a.b;').length, 1, 'a reason is a sentence');
});
