/** Statements on mails of exercises that the training team wrote: each version is added, and stays. */
import type { Statements } from '#platform/db';

export type PhishTemplateRow = Readonly<{
  template_id: string;
  seq: number;
  hash: string;
  source: string;
  retired: boolean;
  made_by: string;
  made_at: Date;
}>;

/** Oldest first, without their texts. */
export async function templateVersions(db: Statements, id: string): Promise<Omit<PhishTemplateRow, 'source'>[]> {
  return db<Omit<PhishTemplateRow, 'source'>[]>`
    select template_id, seq, hash, retired, made_by, made_at from education.phish_templates where template_id = ${id} order by seq`;
}

export async function newestTemplate(db: Statements, id: string): Promise<PhishTemplateRow | null> {
  const [row] = await db<PhishTemplateRow[]>`
    select * from education.phish_templates where template_id = ${id} order by seq desc limit 1`;
  return row ?? null;
}

/** The newest of each. */
export async function newestTemplates(db: Statements): Promise<PhishTemplateRow[]> {
  return db<PhishTemplateRow[]>`select distinct on (template_id) * from education.phish_templates order by template_id, seq desc`;
} // prettier-ignore

/** Of all their versions each is one. */
export async function countTemplates(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`select count(distinct template_id)::int as n from education.phish_templates`;
  return row?.n ?? 0;
}

/** @returns false when somebody else has taken its place meanwhile */
export async function insertTemplate(tx: Statements, row: PhishTemplateRow): Promise<boolean> {
  const made = await tx`
    insert into education.phish_templates (template_id, seq, hash, source, retired, made_by, made_at)
    values (${row.template_id}, ${row.seq}, ${row.hash}, ${row.source}, ${row.retired}, ${row.made_by}, ${row.made_at}) on conflict do nothing`;
  return made.count === 1;
}
