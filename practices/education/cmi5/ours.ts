/** Statements that are made here: launched, abandoned, waived, satisfied (cmi5 Quartz §9.3, §9.6). */
import { createHash, randomUUID } from 'node:crypto';

import { canonicalJson, type Json } from '#platform/audit';
import type { Uuid } from '#platform/ids';

import type { PartStatementRow } from '../store/part-statements.ts';
import type { Registration } from './registration.ts';
import { CATEGORY, EXTENSION, STATEMENT_VERSION, TYPE, VERBS, type Verb } from './words.ts';

/** A part by its place; or a block by its own; or the course. */
export type About = Readonly<{ part: number } | { block: number } | 'course'>;
type Made = Readonly<{
  verb: Verb;
  about: About;
  session: Uuid;
  at: Date;
  result?: Json;
  extensions?: Readonly<Record<string, Json>>;
}>;

/** Who takes statements down. */
export const authorityOf = (site: string): Json => ({
  objectType: 'Agent',
  account: { homePage: site, name: 'strongroom' },
});

/** What was sent, whatever the order of its properties, and without what is no part of it (xAPI Data §2.3.1). */
export function markOf(statement: Readonly<Record<string, unknown>>): string {
  const { stored: _stored, authority: _authority, version: _version, verb, object, timestamp, ...rest } = statement;
  const { display: _display, ...own } = verb as Record<string, Json>;
  const { definition: _definition, ...of } = object as Record<string, Json>;
  const plain = { ...rest, verb: own, object: of, timestamp: new Date(timestamp as string).toISOString() } as Json;
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}

export function ourStatement({ run, read, activities, actor, site }: Registration, { verb, about, session, at, result, extensions = {} }: Made): PartStatementRow {
  const part = about === 'course' || 'block' in about ? null : about.part;
  const object = about === 'course' ? { id: activities.course, definition: { type: TYPE.course } }
    : 'block' in about ? { id: activities.block(about.block), definition: { type: TYPE.block } } : { id: activities.part(about.part) };
  const of = about === 'course' ? read : 'block' in about ? read.blocks[about.block] : read.parts[about.part];
  const judged = verb === 'waived';
  const statement = {
    id: randomUUID(), actor, verb: { id: VERBS[verb], display: { en: verb } }, object: { objectType: 'Activity', ...object },
    ...(result === undefined ? {} : { result }),
    context: {
      registration: run.run_id,
      contextActivities: {
        category: [{ id: CATEGORY.cmi5 }, ...(judged ? [{ id: CATEGORY.moveOn }] : [])],
        grouping: [{ id: of?.publisherId ?? read.publisherId }],
      },
      extensions: { [EXTENSION.session]: session, ...extensions },
    },
    timestamp: at.toISOString(), stored: at.toISOString(), authority: authorityOf(site), version: STATEMENT_VERSION,
  };
  return {
    run_id: run.run_id, statement_id: statement.id as Uuid, session_id: session, part, kind: 'ours', verb: VERBS[verb], object: object.id, said_at: at,
    stored_at: at, sha256: markOf(statement), statement: JSON.stringify(statement),
  };
} // prettier-ignore
