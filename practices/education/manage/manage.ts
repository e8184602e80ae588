/** What the training team does: assign, take back, note leave, exempt by two. */
import type { Audit, AuditEvent } from '#platform/audit';
import { transact, type Db, type Statements, type Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import { isCrowd } from '../standing/bulk-guard.ts';
import { versionsOfDuty } from '../texts/library.ts';
import { noteChange } from '../store/changes.ts';
import {
  approveExemption,
  endAbsence,
  endExemption,
  holdExemption,
  insertAbsence,
  insertAssignments,
  insertExemption,
  insertRevocation,
  listAbsences,
  listExemptions,
  revokedSince,
  type DutyKind,
  type ExemptionRow,
} from '../store/duties.ts';

export type Text = Readonly<{ kind: DutyKind; id: string }>;
export type Exemption = Readonly<{
  id: string;
  person: string;
  kind: DutyKind;
  text: string;
  until: Date;
  because: string;
  askedBy: string;
  askedAt: Date;
  approvedBy: string | null;
  endedAt: Date | null;
}>;

export type Absence = Readonly<{ id: string; person: string; from: Date; until: Date | null }>;

export type Manage = {
  assign: (by: By, people: readonly string[], text: Text) => Promise<number>;
  /** From now on it counts as never done, until it is done anew. */
  revoke: (by: By, person: string, text: Text, because: string) => Promise<void>;
  /** The same in another's transaction. @param staff how many work here, asked before it @returns its id */
  revokeIn: (tx: Tx, by: By, person: Uuid, text: Text, because: string, staff: number) => Promise<Uuid>;
  /** @param until null: it is not known yet @returns its id */
  absent: (by: By, person: string, from: Date, until: Date | null) => Promise<string>;
  back: (by: By, absence: string, until: Date) => Promise<void>;
  /** Those that last, or ended within 90 days. */
  absences: () => Promise<readonly Absence[]>;
  /** @returns its id; it holds once another person has approved it */
  askExemption: (
    by: By,
    person: string,
    text: Text,
    about: Readonly<{ until: Date; because: string }>,
  ) => Promise<string>;
  /** @throws EDUCATION_SECOND_EYES, EDUCATION_EXEMPTION_STATE */
  approveExemption: (by: By, id: string) => Promise<void>;
  endExemption: (by: By, id: string) => Promise<void>;
  exemptions: () => Promise<readonly Exemption[]>;
};

export type ManageNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  gate: Gate;
  people: () => Promise<readonly Readonly<{ id: string }>[]>;
  arePeople: (tx: Statements) => Promise<boolean>;
}>;

/** Longer is another policy, not an exemption. */
const LONGEST_EXEMPTION_DAYS = 366;
const DAY_MS = 86_400_000;

export function createManage({ db, audit, gate, people, arePeople }: ManageNeeds): Manage {
  const allKnown = async (wanted: readonly string[], staff?: readonly Readonly<{ id: string }>[]): Promise<Uuid[]> => {
    const here = new Set((staff ?? (await people())).map(({ id }) => id));
    return wanted.map((person) => {
      const id = parsePublicId('per', person);
      if (id === null || !here.has(person)) throw educationFailure('PERSON_NOT_FOUND');
      return id;
    });
  };
  const known = async (person: string): Promise<Uuid> => (await allKnown([person]))[0] as Uuid;
  /** Somebody who can be told from others, and is not the one it is about. */
  const another = async (tx: Statements, by: By, person: Uuid | null, first: string | null = null): Promise<void> => {
    const acting = { id: by.actor.id, person: by.person };
    const whyNot = await whyNotOneOfTwo(acting, first, () => arePeople(tx));
    if (whyNot !== null || (person !== null && whoActs(acting) === publicId('per', person))) throw educationFailure('SECOND_EYES');
  };
  const published = async ({ kind, id }: Text): Promise<void> => {
    if (versionsOfDuty(await gate.library(), kind, id).length === 0) throw educationFailure('TEXT_NOT_FOUND');
  };
  const changed = async (tx: Statements, by: By, person: Uuid, action: string, detail: NonNullable<AuditEvent['detail']>): Promise<void> => {
    await noteChange(tx, person);
    await audit.appendIn(tx, { action, actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { person: publicId('per', person), ...detail } });
  };
  const held = async (tx: Statements, text: string): Promise<ExemptionRow> => {
    const id = parsePublicId('exm', text);
    const row = id === null ? null : await holdExemption(tx, id);
    if (row === null) throw educationFailure('EXEMPTION_NOT_FOUND');
    return row;
  };
  const revokeIn: Manage['revokeIn'] = async (tx, by, person_id, text, because, of) => {
    const row = { revocation_id: uuidv7(), person_id, kind: text.kind, text_id: text.id, because, revoked_by: whoActs({ id: by.actor.id, person: by.person }), revoked_at: gate.now() };
    await insertRevocation(tx, row);
    await changed(tx, by, person_id, 'education.revoke', { kind: text.kind, text: text.id });
    // after the change was noted, which puts those who take back at once into an order
    const { others, before } = await revokedSince(tx, new Date(row.revoked_at.getTime() - DAY_MS), { person: person_id, not: row.revocation_id });
    // one who takes back from everybody shuts all off: told once a day, when it becomes a crowd
    if (!before && isCrowd(others + 1, of) && !isCrowd(others, of))
      await audit.appendIn(tx, { action: 'education.revocations.many', actor: { kind: 'system', id: 'bulk guard' }, outcome: 'done', requestId: by.requestId, detail: { people: others + 1, of, by: by.actor.id } });
    return row.revocation_id;
  };
  return {
    assign: async (by, who, text) => {
      await published(text);
      const ids = await allKnown(who);
      return transact(db, async (tx) => {
        const at = gate.now();
        const rows = ids.map((person_id) => ({ person_id, role: '', kind: text.kind, text_id: text.id, came: 'had' as const, assigned_at: at, assigned_by: whoActs({ id: by.actor.id, person: by.person }) }));
        const made = await insertAssignments(tx, rows);
        for (const { person_id } of made) await changed(tx, by, person_id, 'education.assign', { kind: text.kind, text: text.id });
        return made.length;
      });
    },
    revoke: async (by, person, text, because) => {
      await published(text);
      // asked before the transaction: it holds a connection, and the head of the log
      const staff = await people();
      const [person_id] = (await allKnown([person], staff)) as [Uuid];
      await transact(db, (tx) => revokeIn(tx, by, person_id, text, because, staff.length));
    },
    revokeIn,
    absent: async (by, person, from, until) => {
      if (until !== null && until <= from) throw educationFailure('DATES_INVALID');
      const person_id = await known(person);
      const absence_id = uuidv7();
      await transact(db, async (tx) => {
        await another(tx, by, person_id);
        await insertAbsence(tx, { absence_id, person_id, from_at: from, until_at: until, told_by: by.actor.id, told_at: gate.now() });
        await changed(tx, by, person_id, 'education.absence', { from: from.toISOString(), until: until?.toISOString() ?? '' });
      });
      return publicId('abs', absence_id);
    },
    back: async (by, absence, until) => {
      const id = parsePublicId('abs', absence);
      await transact(db, async (tx) => {
        const person = id === null ? null : await endAbsence(tx, id, until);
        if (person === null) throw educationFailure('ABSENCE_NOT_FOUND');
        await another(tx, by, person);
        await changed(tx, by, person, 'education.absence.end', { absence, until: until.toISOString() });
      });
    },
    absences: async () =>
      (await listAbsences(db, gate.now())).map((row) => ({ id: publicId('abs', row.absence_id), person: publicId('per', row.person_id), from: row.from_at, until: row.until_at })),
    askExemption: async (by, person, text, { until, because }) => {
      await published(text);
      const now = gate.now();
      if (until <= now || until.getTime() - now.getTime() > LONGEST_EXEMPTION_DAYS * DAY_MS) throw educationFailure('DATES_INVALID');
      const person_id = await known(person);
      const exemption_id = uuidv7();
      await transact(db, async (tx) => {
        // one who asks with a key that nobody stands behind, and approves as themselves, would be alone
        await another(tx, by, null);
        await insertExemption(tx, { exemption_id, person_id, kind: text.kind, text_id: text.id, until, because, asked_by: whoActs({ id: by.actor.id, person: by.person }), asked_at: now, approved_by: null, approved_at: null, ended_at: null });
        await changed(tx, by, person_id, 'education.exemption.ask', { exemption: publicId('exm', exemption_id), kind: text.kind, text: text.id, until: until.toISOString() });
      });
      return publicId('exm', exemption_id);
    },
    approveExemption: async (by, text) => {
      await transact(db, async (tx) => {
        const row = await held(tx, text);
        await another(tx, by, row.person_id, row.asked_by);
        const now = gate.now();
        if (row.approved_at !== null || row.ended_at !== null || row.until <= now) throw educationFailure('EXEMPTION_STATE');
        await approveExemption(tx, row.exemption_id, whoActs({ id: by.actor.id, person: by.person }), now);
        await changed(tx, by, row.person_id, 'education.exemption.approve', { exemption: text });
      });
    },
    endExemption: async (by, text) => {
      await transact(db, async (tx) => {
        const row = await held(tx, text);
        if (row.ended_at !== null) throw educationFailure('EXEMPTION_STATE');
        await endExemption(tx, row.exemption_id, gate.now());
        await changed(tx, by, row.person_id, 'education.exemption.end', { exemption: text });
      });
    },
    exemptions: async () =>
      (await listExemptions(db)).map((row) => ({
        id: publicId('exm', row.exemption_id), person: publicId('per', row.person_id), kind: row.kind, text: row.text_id, until: row.until,
        because: row.because, askedBy: row.asked_by, askedAt: row.asked_at, approvedBy: row.approved_by, endedAt: row.ended_at,
      })),
  };
} // prettier-ignore
