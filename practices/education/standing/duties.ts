/** How somebody stands with each course and policy they have to do: rows and published texts, made into facts. */
import type { AssignmentRow, DutyKind, PersonRows } from '../store/duties.ts';
import { versionsOfDuty, type Library, type Version } from '../texts/library.ts';
import { effectOf, standingOf, USUAL_RULES, type Effect, type Facts, type Standing } from './standing.ts';
import type { Zone } from './zone.ts';

type Stands = Readonly<{
  standing: Standing;
  /** Grace was given once more for this end. */
  extended: boolean;
}>;
export type Duty = Stands &
  Readonly<{
    kind: DutyKind;
    id: string;
    /** Roles that ask for it; empty where a person assigned it alone. */
    roles: readonly string[];
    /** Where none of them asks: as a person assigned it; null: nobody did. */
    byPerson: Stands | null;
  }>;

/** @param rows of one person */
export function dutiesOf(rows: PersonRows, library: Library, zone: Zone, now: Date): readonly Duty[] {
  const { absent } = rows;
  return [...Map.groupBy(rows.assignments, ({ kind, text_id }) => `${kind} ${text_id}`).values()].map((assigned) => {
    const { kind, text_id: id } = assigned[0] as AssignmentRow;
    const about = <T extends Readonly<{ kind: DutyKind; text_id: string }>>(all: readonly T[]): T[] =>
      all.filter((each) => each.kind === kind && each.text_id === id);
    const roles = assigned.map(({ role }) => role).filter((role) => role !== '');
    // what was signed holds until there is something else to sign
    const rules = kind === 'policy' ? { ...USUAL_RULES, validityDays: null } : USUAL_RULES;
    const stands = (given: readonly AssignmentRow[]): Stands => {
      const base = {
        assigned: firstOf(given),
        versions: versionsOfDuty(library, kind, id).map(asFact),
        // a course that grades itself is enough for who was assigned it, and for a role when the training team says so
        done: about(rows.done).filter(({ counts }) => counts || given.every(({ role }) => role === '')).map(({ hash, at }) => ({ version: hash, at })),
        revokedAt: about(rows.revoked).map(({ at }) => at),
        exempt: about(rows.exempt),
        absent,
      };
      const plain = standingOf({ ...base, graceExtended: false }, rules, zone, now);
      // grace was given once more for this very end, and for no other
      const extended = about(rows.extended).some(({ due_at }) => due_at.getTime() === plain.dueAt?.getTime());
      return { standing: extended ? standingOf({ ...base, graceExtended: true }, rules, zone, now) : plain, extended };
    };
    const byPerson = assigned.filter(({ role }) => role === '');
    return { kind, id, roles, ...stands(assigned), byPerson: byPerson.length === 0 ? null : stands(byPerson) };
  });
} // prettier-ignore

/** What of a version decides. */
export const asFact = (version: Version): Facts['versions'][number] => ({
  id: version.hash,
  at: version.publishedAt,
  material: version.material,
  ...(version.kind === 'lesson' || version.kind === 'package' || version.kind === 'drill'
    ? { validityDays: validityOf(version as Version<'lesson' | 'package' | 'drill'>) }
    : {}),
});

/** Who was given the same twice has had it since the first time. */
function firstOf(assigned: readonly AssignmentRow[]): Facts['assigned'] {
  const [first] = assigned.toSorted((a, b) => a.assigned_at.getTime() - b.assigned_at.getTime()) as [AssignmentRow];
  // one role that came with it is enough: whoever is new in it has to know
  return { at: first.assigned_at, role: assigned.some(({ came }) => came === 'new') ? 'new' : 'had' };
}

/** A version that a newer program does not read any more holds as long as any: it shuts nobody out, and in for ever. */
function validityOf(version: Version<'lesson' | 'package' | 'drill'>): number | null {
  try {
    return version.text().validityDays;
  } catch {
    return USUAL_RULES.validityDays;
  }
}

/** Whether leave was noted that covers the moment. */
export const isAway = ({ absent }: Pick<PersonRows, 'absent'>, now: Date): boolean =>
  absent.some(({ from, until }) => from <= now && (until === null || now < until));

/** Those that count in a role: its own, and what a person assigned. */
export const inRole = (duties: readonly Duty[], role: string): readonly Duty[] =>
  duties.flatMap((duty) => (duty.roles.includes(role) ? [duty] : asByPerson(duty)));

/** What is left of it where no role asks. */
export const asByPerson = (duty: Duty): readonly Duty[] =>
  duty.byPerson === null ? [] : [{ ...duty, ...duty.byPerson, roles: [] }];

export const effectIn = (duties: readonly Duty[]): Effect =>
  duties.length === 0 ? 'open' : effectOf(duties.map(({ standing }) => standing));
