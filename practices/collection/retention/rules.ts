/** The rules a plan is made by, and their hash: a plan made by other rules than those of today is not done. */
import { createHash } from 'node:crypto';

import type { Statements } from '#platform/db';

import type { Catalog, FieldSpec } from '../catalog.ts';
import { canonicalJson } from '../catalog-version.ts';
import { orders } from '../store/runs.ts';
import { orderKey, type Rules } from './record-fate.ts';

export type HashedRules = Rules & Readonly<{ hash: string }>;

export async function rulesNow(db: Statements, catalog: Catalog): Promise<HashedRules> {
  const found = await orders(db);
  const rules = {
    catalog,
    orders: new Map(found.map((each) => [orderKey(each.collection, each.field), { at: each.at, action: each.action }])),
  };
  const hash = createHash('sha256').update(canonicalJson({
    format: 'strongroom/retention-rules/1',
    collections: new Map([...catalog.collections].map(([name, { fields, attachments }]) => [name, {
      fields: new Map([...fields].map(([field, spec]) => [field, ruleOf(spec)])),
      ...(attachments === null ? {} : { attachments: ruleOf(attachments) }),
    }])),
    orders: found.map((each) => `${each.collection} ${each.field} ${each.action} ${each.at.toISOString()}`).toSorted(),
  })).digest('hex'); // prettier-ignore
  return { ...rules, hash };
}

const ruleOf = ({ type, purposes, floor, ceiling }: FieldSpec) => ({
  type,
  purposes: purposes.map(({ id, requiresConsent, retention }) => ({ id, requiresConsent, retention })),
  floor,
  ceiling,
});
