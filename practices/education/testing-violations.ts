/** For tests of violations: an entry of the log in which somebody acted, and one that was opened on it. */
import type { AuditEvent } from '#platform/audit';
import { leafHash } from '#platform/tlog';

import { byPerson, type EducationWorld } from './testing-gate.ts';
import type { ToOpen } from './violations/open.ts';
import type { ViolationView } from './violations/view.ts';

export const refused = (code: string) => (thrown: unknown) =>
  (thrown as { code?: string }).code === `EDUCATION_${code}`;
/** @returns the number and hash of an entry that somebody caused */
export async function acted(world: EducationWorld, actor: string, more: Partial<AuditEvent> = {}): Promise<{ entry: number; hash: string }> {
  const entry = world.entries.length;
  await world.log({ action: 'vault.read', actor: { kind: 'staff', id: actor, role: 'support' }, purpose: 'service.support', outcome: 'done', ...more });
  return { entry, hash: await hashAt(world, entry) };
} // prettier-ignore

export const hashAt = async (world: EducationWorld, entry: number): Promise<string> =>
  leafHash((await world.bytesAt(entry)) as Buffer).toString('base64url');

export const toOpen = (person: string, source: { entry: number; hash: string }, more: Partial<ToOpen> = {}): ToOpen => ({
  person, policy: 'access', ...source, says: 'It was looked up without a purpose.', intent: false, rung: null, course: null, about: [], apart: [], ...more,
}); // prettier-ignore

/** Read, as who decides, and decided. */
export async function votes(world: EducationWorld, who: string, id: string, choice: ToOpen['rung'] | 'none', server = world.one): Promise<void> {
  await look(world, who, id);
  await server.violations.vote(byPerson(who), id, { choice: choice ?? 'none', because: 'I have read it.' });
} // prettier-ignore

export const look = (world: EducationWorld, who: string, id: string, part: ViolationView['part'] = 'decides'): Promise<ViolationView> =>
  world.one.violations.look(byPerson(who), who, id, part); // prettier-ignore

export type Cast = Readonly<Record<'ada' | 'opener' | 'rex' | 'sue' | 'tom' | 'uma', string> & { w: EducationWorld }>;
/** Ada, whom it is about; who opens; two who decide, a third, and one for appeals. */
export function castIn(w: EducationWorld): Cast {
  return { w, ada: w.hire(), opener: w.hire(), rex: w.hire(), sue: w.hire(), tom: w.hire(), uma: w.hire() };
}
export async function opened({ w, ada, opener }: Cast, more: Partial<ToOpen> = {}): Promise<string> {
  return w.one.violations.open(byPerson(opener), toOpen(ada, await acted(w, ada), more));
}
export const said = ({ w, ada }: Cast, id: string, text: string | null = null): Promise<void> =>
  w.one.violations.state(byPerson(ada), id, text);
