/** Reports without a name on a real database, through two servers, with a clock that is set. For tests. */
import { createSecretKey, randomBytes } from 'node:crypto';

import type { AuditEvent } from '#platform/audit';
import { migrate, type Db } from '#platform/db';
import type { Uuid } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import type { By } from './by.ts';
import { beginIncident } from './incidents/begin.ts';
import { createWords } from './incidents/words.ts';
import { openIntake, type Intake } from './intake/intake.ts';
import { LIMITS, type Limits } from './intake/needs.ts';
import { readReceipt, receiptHash } from './intake/receipt.ts';
import { reportId } from './intake/reporters.ts';
import type { Said } from './intake/said.ts';

export type IntakeWorld = Readonly<{
  db: Db;
  /** Two of them, on one database. */
  servers: readonly [Intake, Intake];
  logged: AuditEvent[];
  by: By;
  at: (iso?: string) => Date;
  /** A new link. @returns its token */
  link: () => Promise<string>;
  /** A form of it, sent. */
  tell: (link: string, more?: Partial<Said> & Readonly<{ from?: string; form?: string; server?: 0 | 1 }>) => ReturnType<Intake['reporters']['send']>;
  /** The same, that is taken. @returns receipt and id */
  told: (link: string, more?: Partial<Said>) => Promise<Readonly<{ receipt: string; id: string }>>;
  close: () => Promise<void>;
}>; // prettier-ignore

export async function intakeWorld(limits: Partial<Limits> = {}): Promise<IntakeWorld> {
  const fresh = await freshDatabase(undefined, { connections: 24 });
  const { db } = fresh;
  await migrate(db, [
    { schema: 'access', folder: new URL('../access/sql/', import.meta.url) },
    { schema: 'education', folder: new URL('./sql/', import.meta.url) },
  ]);
  const logged: AuditEvent[] = [];
  const note = async (event: AuditEvent): Promise<never> => {
    logged.push(event);
    return await Promise.resolve({} as never);
  };
  let now = new Date('2026-11-27T12:00:00Z');
  const key = createSecretKey(randomBytes(32));
  const words = createWords(createSecretKey(randomBytes(32)));
  const server = (): Intake =>
    openIntake({
      db, key, clock: () => now, audit: { append: note, appendIn: (_tx, event) => note(event) },
      beginIncident: (tx, by, wanted) => beginIncident(tx, words, by, wanted),
      call: null, company: () => null, limits: { ...LIMITS, ...limits },
    }); // prettier-ignore
  const servers = [server(), server()] as const;
  const by: By = { actor: { kind: 'staff', id: 'per_00000000000000000000000001', role: 'security' }, requestId: 'r' };
  const tell: IntakeWorld['tell'] = async (link, { from = '198.51.100.1', form, server: which = 0, ...said } = {}) =>
    servers[which].reporters.send(
      link,
      form ?? (await servers[0].reporters.form(link)) ?? '',
      { kind: 'other', when: 'now', words: '', reach: '', ...said },
      from,
    );
  return {
    db,
    servers,
    logged,
    by,
    at: (iso) => (now = iso === undefined ? now : new Date(iso)),
    link: async () => (await servers[0].desk.replaceLink(by)).path.slice('/tell/'.length),
    tell,
    told: async (link, more) => {
      const sent = await tell(link, more);
      if (sent.was !== 'received') throw new Error(`it was ${sent.was}`);
      const hashed = receiptHash(readReceipt(sent.receipt) as Uint8Array);
      const [row] = await db<
        { id: Uuid }[]
      >`select report_id as id from education.intake_reports where receipt = ${hashed}`;
      return { receipt: sent.receipt, id: reportId(row?.id as Uuid) };
    },
    close: fresh.close,
  };
}
