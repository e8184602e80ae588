/** Shapes of education on their way over HTTP. */
import Type from 'typebox';

import type { Duty } from '../standing/duties.ts';
import { titleOfDuty, type Library } from '../texts/library.ts';

export const tags = ['education'];
export const TEXT_ID = Type.String({ pattern: '^[a-z][a-z0-9-]{0,60}$' });
export const PERSON_ID = Type.String({ pattern: '^per_[0-9a-z]{1,40}$' });
export const DUTY_KIND = Type.Enum(['course', 'policy', 'drill']);
const INSTANT = Type.Union([Type.String(), Type.Null()]);

export const DUTY = Type.Object({
  kind: DUTY_KIND,
  id: Type.String(),
  title: Type.String(),
  roles: Type.Array(Type.String(), { description: 'that ask for it; none where a person assigned it' }),
  state: Type.Enum(['assigned', 'passed', 'due', 'grace', 'lapsed', 'revoked', 'exempt']),
  effect: Type.Enum(['open', 'masked', 'denied'], { description: "on customers' data" }),
  dueAt: INSTANT,
  lapsesAt: INSTANT,
});

export const dutyOut = ({ kind, id, roles, standing }: Duty, library: Library) => ({
  kind,
  id,
  title: titleOfDuty(library, kind, id),
  roles: [...roles],
  state: standing.state,
  effect: standing.effect,
  dueAt: standing.dueAt?.toISOString() ?? null,
  lapsesAt: standing.lapsesAt?.toISOString() ?? null,
});

/** Sections as a tree of a few kinds, in which there is no place for HTML: docs/formats/education-texts.md. */
export const SECTIONS = Type.Array(Type.Object({ title: Type.String(), blocks: Type.Array(Type.Unknown()) }));
export const sectionsOut = (sections: readonly Readonly<{ title: string; blocks: readonly unknown[] }>[]) =>
  sections.map(({ title, blocks }) => ({ title, blocks: [...blocks] }));
