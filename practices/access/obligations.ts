/** What goes with a decision: annotations of the policies that decided. */
import type { PolicyJson } from './cedar.ts';

export type Obligation =
  /** The field leaves masked, and this way. */
  | Readonly<{ kind: 'mask'; as: string }>
  /** It would be allowed with an authentication no older than this (RFC 9470). */
  | Readonly<{ kind: 'stepUp'; maxAgeSeconds: number }>
  /** It would be allowed under a grant of this kind, which can be asked for. */
  | Readonly<{ kind: 'requestable'; grant: 'jit' | 'breakGlass' }>
  /** This role is to be told. */
  | Readonly<{ kind: 'notify'; role: string }>;

const MASKS = ['email', 'phone', 'card', 'name', 'date', 'text', 'hide'];

/** Annotations that mean something here; `@id` may stand for the reader, `@says` words the refusal of a forbid. */
export const ANNOTATIONS = ['id', 'says', 'mask', 'stepUp', 'requestable', 'notify'] as const;

/** What is wrong with a policy's annotations, in words; null when nothing is. */
export function annotationFault(policy: PolicyJson, roles: ReadonlySet<string>): string | null {
  const { annotations = {}, effect } = policy;
  const strange = Object.keys(annotations).find((name) => !(ANNOTATIONS as readonly string[]).includes(name));
  if (strange !== undefined) return `@${strange} means nothing here; known are ${ANNOTATIONS.join(', ')}`;
  const { mask, stepUp, requestable, notify } = annotations;
  if (mask !== undefined && (effect !== 'permit' || !MASKS.includes(mask)))
    return `@mask stands on a permit and is one of ${MASKS.join(', ')}`;
  if (stepUp !== undefined && (effect !== 'forbid' || !/^[1-9]\d{0,5}$/.test(stepUp)))
    return '@stepUp stands on a forbid and is a number of seconds';
  if (requestable !== undefined && requestable !== 'jit' && requestable !== 'breakGlass')
    return '@requestable is jit or breakGlass';
  if (notify !== undefined && !roles.has(notify)) return '@notify names a role of the document';
  return null;
}

/** The age of proof that a policy names, in seconds; none, or one. */
export const stepUpOf = ({ annotations }: PolicyJson): number[] =>
  annotations?.stepUp === undefined ? [] : [Number(annotations.stepUp)];

/** Of policies that allowed. */
export function dutiesOf(policies: readonly PolicyJson[]): Obligation[] {
  return policies.flatMap(({ annotations: { mask, notify } = {} }) => [
    ...(mask === undefined ? [] : [{ kind: 'mask' as const, as: mask }]),
    ...(notify === undefined ? [] : [{ kind: 'notify' as const, role: notify }]),
  ]);
}

/** Of forbids that denied. A way out is named only when it leads past all of them. */
export function waysOut(forbids: readonly PolicyJson[]): Obligation[] {
  const notes = forbids.map(({ annotations }) => annotations ?? {});
  const open = notes.length > 0 && notes.every(({ stepUp, requestable }) => stepUp ?? requestable);
  const ages = notes.flatMap(({ stepUp }) => (stepUp === undefined ? [] : [Number(stepUp)]));
  const grants = new Set(notes.flatMap(({ requestable }) => requestable ?? []));
  return [
    ...(open && ages.length > 0 ? [{ kind: 'stepUp' as const, maxAgeSeconds: Math.min(...ages) }] : []),
    ...(open ? [...grants].map((grant) => ({ kind: 'requestable' as const, grant: grant as 'jit' })) : []),
    ...notes.flatMap(({ notify }) => (notify === undefined ? [] : [{ kind: 'notify' as const, role: notify }])),
  ];
}

/** The youngest authentication that one of them asks for; null when none does. */
export function stepUpSeconds(obligations: readonly Obligation[]): number | null {
  const ages = obligations.flatMap((each) => (each.kind === 'stepUp' ? [each.maxAgeSeconds] : []));
  return ages.length === 0 ? null : Math.min(...ages);
}
