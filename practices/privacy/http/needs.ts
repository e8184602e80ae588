/** What the routes of this practice share. */
import type { Audit } from '#platform/audit';
import { parsePublicId, parseSubjectId } from '#platform/ids';
import type { Action, Actor } from '#practices/access';

import type { By, Holder } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import type { Privacy } from '../privacy.ts';
import type { QueueAsk } from '../requests/requests.ts';

export type PrivacyHttpNeeds = Readonly<{
  privacy: Privacy;
  audit: Pick<Audit, 'append'>;
  site: Readonly<{ origin: string | null; secure: boolean }>;
  /** Origins whose pages may ask for and record choices. */
  sites: readonly string[];
  centerCss: string;
  /** Null where it was not built. */
  widgetScript: string | null;
  tcfScript: string | null;
  tcfStub: string | null;
  gppScript: string | null;
  gppStub: string | null;
  /** Something waits: a code to be sent. */
  onWork: () => void;
  /** The same actor as it is now, while something streams. */
  renew: (actor: Actor) => Promise<Actor>;
  /** Who asks, when the action is theirs; a refusal is in the log before it is thrown. */
  allowed: (request: object & { id: string }, action: Action) => Promise<Actor>;
  /** Whose requests this reader is shown: of who was made up for an exercise only the learner's own. */
  shownTo: (actor: Actor) => Pick<QueueAsk, 'only' | 'isShown'>;
}>;

export const byOf = ({ kind, id, role, person }: Actor, requestId: string): By => ({
  actor: { kind, id, role },
  requestId,
  person,
});

/** A key that is narrowed brings a yes to its own purposes and those below them; a no is taken from any. */
export const mayBringYes =
  ({ scope }: Actor) =>
  (purpose: string): boolean =>
    scope.purposes.length === 0 || scope.purposes.some((wide) => `${purpose}.`.startsWith(`${wide}.`));

/** In the log first. */
export async function keyPurposesRefused(
  { audit }: Pick<PrivacyHttpNeeds, 'audit'>,
  { actor, requestId }: By,
  holder: Holder,
): Promise<Error> {
  await audit.append({
    action: 'privacy.consent',
    actor,
    ...(holder.kind === 'subject' ? { subjects: [holder.id] } : {}),
    outcome: 'denied',
    detail: { code: 'PRIVACY_KEY_PURPOSES' },
    ...(requestId === undefined ? {} : { requestId }),
  });
  return privacyFailure('KEY_PURPOSES');
}

/** @throws PRIVACY_HOLDER_INVALID */
export function holderOf(text: string): Holder {
  const subject = parseSubjectId(text);
  if (subject !== null) return { kind: 'subject', id: subject };
  const anonymous = parsePublicId('anon', text);
  if (anonymous === null) throw privacyFailure('HOLDER_INVALID');
  return { kind: 'anonymous', id: anonymous };
}
