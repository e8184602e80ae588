/** How somebody stands with each course and policy they have to do: rows and published texts, made into facts. */
import type { AssignmentRow, DutyKind, PersonRows } from '../store/duties.ts';
import type { Library, Version } from '../texts/library.ts';
import { effectOf, standingOf, USUAL_RULES, type Effect, type Facts, type Standing } from './standing.ts';
import type { Zone } from './zone.ts';

export type Duty = Readonly<{
  kind: DutyKind;
  id: string;
  /** Roles that ask for it; empty where a person assigned it. */
  roles: readonly string[];
  standing: Standing;
  /** Grace was given once more for this end. */
  extended: boolean;
}>;

/** @param rows of one person */
export function dutiesOf(rows: PersonRows, library: Library, zone: Zone, now: Date): readonly Duty[] {
  const { absent } = rows;
  return [...Map.groupBy(rows.assignments, ({ kind, text_id }) => `${kind} ${text_id}`).values()].map((assigned) => {
    const { kind, text_id: id } = assigned[0] as AssignmentRow;
    const about = <T extends Readonly<{ kind: DutyKind; text_id: string }>>(all: readonly T[]): T[] =>
      all.filter((each) => each.kind === kind && each.text_id === id);
    const base = {
      assigned: firstOf(assigned),
      versions: library.versions(kind === 'course' ? 'lesson' : 'policy', id).map((each) => ({ id: each.hash, at: each.publishedAt, material: each.material, ...(each.kind === 'lesson' ? { validityDays: validityOf(each as Version<'lesson'>) } : {}) })),
      done: about(rows.done).map(({ hash, at }) => ({ version: hash, at })),
      revokedAt: about(rows.revoked).map(({ at }) => at),
      exempt: about(rows.exempt),
      absent,
    };
    // what was signed holds until there is something else to sign
    const rules = kind === 'policy' ? { ...USUAL_RULES, validityDays: null } : USUAL_RULES;
    const plain = standingOf({ ...base, graceExtended: false }, rules, zone, now);
    // grace was given once more for this very end, and for no other
    const extended = about(rows.extended).some(({ due_at }) => due_at.getTime() === plain.dueAt?.getTime());
    const standing = extended ? standingOf({ ...base, graceExtended: true }, rules, zone, now) : plain;
    return { kind, id, roles: assigned.map(({ role }) => role).filter((role) => role !== ''), standing, extended };
  });
} // prettier-ignore

/** Who was given the same twice has had it since the first time. */
function firstOf(assigned: readonly AssignmentRow[]): Facts['assigned'] {
  const [first] = assigned.toSorted((a, b) => a.assigned_at.getTime() - b.assigned_at.getTime()) as [AssignmentRow];
  // one role that came with it is enough: whoever is new in it has to know
  return { at: first.assigned_at, role: assigned.some(({ came }) => came === 'new') ? 'new' : 'had' };
}

/** A version that a newer program does not read any more holds as long as any: it shuts nobody out, and in for ever. */
export function validityOf(version: Version<'lesson'>): number | null {
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
  duties.filter(({ roles }) => roles.length === 0 || roles.includes(role));

export const effectIn = (duties: readonly Duty[]): Effect =>
  duties.length === 0 ? 'open' : effectOf(duties.map(({ standing }) => standing));
