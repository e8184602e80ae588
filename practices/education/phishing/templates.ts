/** Mails of exercises: those that are shipped, and those that the training team writes, changes and retires. */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';

import type { By } from '../by.ts';
import type { ContentFault } from '../content/fault.ts';
import { textOfBlock } from '../content/tree.ts';
import { educationFailure } from '../failures.ts';
import {
  countTemplates,
  insertTemplate,
  newestTemplate,
  newestTemplates,
  templateVersions,
  type PhishTemplateRow,
} from '../store/phish-templates.ts';
import { lureOf } from './lure.ts';
import { ownFaults } from './own-rules.ts';
import { ratePhish } from './phish-scale.ts';
import { readPhishTemplate, type PhishTemplate } from './template.ts';

/** `own`: written here; of one that is shipped there is one version. */
export type ListedTemplate = Readonly<{ template: PhishTemplate; own: boolean; seq: number; retired: boolean }>;
export type TemplateVersion = Readonly<{ seq: number; hash: string; retired: boolean; madeBy: string; madeAt: Date }>;
export type WholeTemplate = ListedTemplate & Readonly<{ source: string; preview: Preview; versions: readonly TemplateVersion[] }>; // prettier-ignore
/** As somebody called Alex would get it. */
export type Preview = Readonly<{ subject: string; from: string; text: string; leadsTo: string; page: string; asks: readonly string[]; learn: string }>; // prettier-ignore

export type Templates = Readonly<{
  /** Those that a new exercise can use; with `retired` all. */
  list: (which?: 'usable' | 'all') => Promise<readonly ListedTemplate[]>;
  /** @throws EDUCATION_TEMPLATE_UNKNOWN */
  get: (id: string) => Promise<WholeTemplate>;
  /** Nothing is kept. @throws EDUCATION_TEXT_INVALID with each fault */
  tryOut: (source: string) => Readonly<{ template: PhishTemplate; preview: Preview }>;
  /** @param seen the version that was read; null: there is none yet @throws EDUCATION_TEXT_INVALID, EDUCATION_TEMPLATE_TAKEN, EDUCATION_TEMPLATE_STALE */
  save: (by: By, source: string, seen: number | null, id?: string) => Promise<WholeTemplate>;
  /** From now on it is in no new exercise; those that run go on. @throws EDUCATION_TEMPLATE_STALE */
  retire: (by: By, id: string, seen: number) => Promise<WholeTemplate>;
  /** What an exercise is planned with. @throws EDUCATION_TEMPLATE_UNKNOWN */
  usable: (id: string) => Promise<Readonly<{ template: PhishTemplate; source: string }>>;
}>;

type TemplateNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'appendIn'>;
  /** Those that are shipped. */
  templates: readonly PhishTemplate[];
  sourceOf: (template: string) => string;
}>;

const MOST_TEMPLATES = 500;

export function createTemplates({ db, clock, audit, templates: shipped, sourceOf }: TemplateNeeds): Templates {
  const isShipped = (id: string): boolean => shipped.some((each) => each.id === id);
  /** An own one whose id a release shipped later stays what it was; once it is retired, there is the shipped one. */
  const hasGone = ({ template_id, retired }: PhishTemplateRow): boolean => retired && isShipped(template_id);
  const ownOf = async (id: string): Promise<PhishTemplateRow | null> => {
    const row = await newestTemplate(db, id);
    return row === null || hasGone(row) ? null : row;
  };
  const whole = async (row: PhishTemplateRow): Promise<WholeTemplate> => {
    const listed = asListed(row);
    const versions = (await templateVersions(db, row.template_id)).map(({ seq, hash, retired, made_by, made_at }) => ({ seq, hash, retired, madeBy: made_by, madeAt: made_at }));
    return { ...listed, source: row.source, preview: previewOf(listed.template), versions };
  };
  const get: Templates['get'] = async (id) => {
    const row = await ownOf(id);
    if (row !== null) return whole(row);
    const template = shipped.find((each) => each.id === id);
    if (template !== undefined)
      return { template, own: false, seq: 1, retired: false, source: sourceOf(id), preview: previewOf(template), versions: [] };
    throw educationFailure('TEMPLATE_UNKNOWN');
  };
  /** On top of the very version that was read, or none. */
  const add = (by: By, id: string, seen: number | null, next: (before: PhishTemplateRow | undefined) => Pick<PhishTemplateRow, 'hash' | 'source' | 'retired'>): Promise<void> =>
    transact(db, async (tx) => {
      const before = (await newestTemplate(tx, id)) ?? undefined;
      if (before === undefined && seen !== null) throw educationFailure('TEMPLATE_UNKNOWN');
      if ((before?.seq ?? null) !== seen) throw educationFailure(seen === null ? 'TEMPLATE_TAKEN' : 'TEMPLATE_STALE');
      const row = { template_id: id, seq: (before?.seq ?? 0) + 1, made_by: by.actor.id, made_at: clock(), ...next(before) };
      // two at once have the same number, and one of them finds it taken
      if (!(await insertTemplate(tx, row))) throw educationFailure(seen === null ? 'TEMPLATE_TAKEN' : 'TEMPLATE_STALE');
      await audit.appendIn(tx, {
        action: row.retired ? 'education.phishing.template.retire' : 'education.phishing.template.save', actor: by.actor, outcome: 'done', requestId: by.requestId,
        detail: { template: id, seq: row.seq, hash: row.hash },
      });
    });
  return {
    list: async (which = 'usable') => {
      const rows = (await newestTemplates(db)).filter((row) => !hasGone(row));
      const own = new Set(rows.map(({ template_id }) => template_id));
      const mine = rows.filter((row) => which === 'all' || isUsable(row)).map(asListed);
      return [...shipped.filter(({ id }) => !own.has(id)).map((template) => ({ template, own: false, seq: 1, retired: false })), ...mine];
    },
    get,
    tryOut: (source) => {
      const template = readOwn(source);
      return { template, preview: previewOf(template) };
    },
    save: async (by, source, seen, id) => {
      const template = readOwn(source);
      if (id !== undefined && template.id !== id) throw invalid([{ line: 1, path: 'id', says: `its id is ${template.id}`, hint: `a version of ${id} has its id` }]);
      if (isShipped(template.id) && (await ownOf(template.id)) === null) throw educationFailure('TEMPLATE_TAKEN');
      if (seen === null && (await countTemplates(db)) >= MOST_TEMPLATES) throw invalid([{ line: 1, path: '', says: `there are ${MOST_TEMPLATES} already`, hint: 'change one of them' }]);
      await add(by, template.id, seen, () => ({ hash: template.hash, source, retired: false }));
      return get(template.id);
    },
    retire: async (by, id, seen) => {
      await add(by, id, seen, (before) => ({ hash: before?.hash ?? '', source: before?.source ?? '', retired: true }));
      return whole((await newestTemplate(db, id)) as PhishTemplateRow);
    },
    usable: async (id) => {
      const row = await ownOf(id);
      const template = row === null ? shipped.find((each) => each.id === id) : isUsable(row) ? asListed(row).template : undefined;
      if (template === undefined) throw educationFailure('TEMPLATE_UNKNOWN');
      return { template, source: row?.source ?? sourceOf(id) };
    },
  };
} // prettier-ignore

const isUsable = ({ retired, source }: PhishTemplateRow): boolean => !retired && readPhishTemplate(source).ok;

const NOTHING: PhishTemplate['mail'] = { title: '', line: 1, blocks: [] };
/** One that a newer program does not read any more is in no new exercise; it is there, to be changed or retired. */
function asListed({ template_id: id, seq, hash, source, retired }: PhishTemplateRow): ListedTemplate {
  const read = readPhishTemplate(source);
  const template: PhishTemplate = read.ok ? read.value : {
    id, hash, version: 1, title: id, locale: 'en', theme: 'message', audience: [], from: { name: '', address: '' }, subject: '', pretends: '', asks: [], cues: [],
    rating: ratePhish(0, { mimicsWork: 0, workRelevance: 0, fitsEvents: 0, consequences: 0, trained: 0 }), mail: NOTHING, page: NOTHING, learn: NOTHING,
  };
  return { template, own: true, seq, retired };
} // prettier-ignore

const invalid = (faults: readonly ContentFault[]) => educationFailure('TEXT_INVALID', { extra: { faults } });

/** By the format, and by what is held against one that is written here. @throws EDUCATION_TEXT_INVALID */
function readOwn(source: string): PhishTemplate {
  const read = readPhishTemplate(source);
  if (!read.ok) throw invalid(read.faults);
  const faults = ownFaults(read.value);
  if (faults.length > 0) throw invalid(faults);
  return read.value;
}

function previewOf(template: PhishTemplate): Preview {
  const { subject, text, shownFrom } = lureOf(template, { name: 'Alex Example', link: template.pretends });
  const said = (blocks: PhishTemplate['mail']['blocks']): string => blocks.map(textOfBlock).join('\n\n').replaceAll('{{name}}', 'Alex Example'); // prettier-ignore
  return {
    subject, text, from: `${shownFrom.name} <${shownFrom.address}>`, leadsTo: template.pretends, asks: template.asks,
    page: said(template.page.blocks), learn: said(template.learn.blocks),
  }; // prettier-ignore
}
