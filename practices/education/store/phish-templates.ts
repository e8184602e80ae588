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

/** Oldest first. @param id null: of all */
export async function templateRows(db: Statements, id: string | null = null): Promise<PhishTemplateRow[]> {
  return db<PhishTemplateRow[]>`
    select * from education.phish_templates where ${id}::text is null or template_id = ${id} order by template_id, seq`;
}

/** The newest of each. */
export async function newestTemplates(db: Statements): Promise<PhishTemplateRow[]> {
  return db<PhishTemplateRow[]>`select distinct on (template_id) * from education.phish_templates order by template_id, seq desc`;
} // prettier-ignore

/** @returns false when somebody else has taken its place meanwhile */
export async function insertTemplate(tx: Statements, row: PhishTemplateRow): Promise<boolean> {
  const made = await tx`
    insert into education.phish_templates (template_id, seq, hash, source, retired, made_by, made_at)
    values (${row.template_id}, ${row.seq}, ${row.hash}, ${row.source}, ${row.retired}, ${row.made_by}, ${row.made_at}) on conflict do nothing`;
  return made.count === 1;
}
