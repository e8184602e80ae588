/** How a part is begun: its address with what it is told there (cmi5 Quartz §8.1), and the document with the rest (§10). */
import type { Json } from '#platform/audit';
import type { Uuid } from '#platform/ids';

import type { PartSessionRow } from '../store/part-sessions.ts';
import type { Exchanged } from './sessions.ts';
import type { Registration } from './registration.ts';
import type { Part } from './structure.ts';
import { EXTENSION } from './words.ts';

/** On the origin of contents. */
export const LRS = '/xapi/';
export const FETCH = '/fetch/';
/** Where a part leads its frame at its end: a page that says so, to anybody. */
export const OVER = '/over';

type Addressed = Readonly<{ origin: string; token: string; fetch: string; part: number }>;

export function launchUrl({ run, read, activities, actor }: Registration, { origin, token, fetch, part }: Addressed): string {
  const { launch } = read.parts[part] as Part;
  const url = new URL(`${origin}/${token}/c/${launch.path.split('/').map(encodeURIComponent).join('/')}${launch.search}`);
  const told = {
    endpoint: `${origin}${LRS}`,
    fetch: `${origin}${FETCH}${fetch}`,
    actor: JSON.stringify(actor),
    registration: run.run_id,
    activityId: activities.part(part),
  };
  // as %20, and not as the plus of forms, which not every part reads
  const added = Object.entries(told).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${url.href}${url.search === '' ? '?' : '&'}${added}`;
} // prettier-ignore

/** What "launched" says of it. The address has no token: it opens nothing, and says which page it was. */
export function launchedWith({ read }: Registration, part: number, mode: PartSessionRow['mode'], origin: string): Record<string, Json> {
  const { masteryScore, moveOn, launchParameters, launch } = read.parts[part] as Part;
  return {
    [EXTENSION.launchMode]: mode,
    [EXTENSION.moveOn]: moveOn,
    [EXTENSION.launchUrl]: `${origin}/c/${launch.path.split('/').map(encodeURIComponent).join('/')}${launch.search}`,
    ...(masteryScore === null ? {} : { [EXTENSION.masteryScore]: masteryScore }),
    ...(launchParameters === null ? {} : { [EXTENSION.launchParameters]: launchParameters }),
  };
} // prettier-ignore

/** The state document `LMS.LaunchData` of a session. */
export function launchData({ read }: Registration, { part, mode, session_id }: Pick<PartSessionRow, 'part' | 'mode' | 'session_id'>, returnUrl: string): Json {
  const { publisherId, masteryScore, moveOn, launchParameters, entitlementKey } = read.parts[part] as Part;
  return {
    contextTemplate: {
      contextActivities: { grouping: [{ objectType: 'Activity', id: publisherId }] },
      extensions: { [EXTENSION.session]: session_id satisfies Uuid },
    },
    launchMode: mode,
    moveOn,
    returnURL: returnUrl,
    ...(masteryScore === null ? {} : { masteryScore }),
    ...(launchParameters === null ? {} : { launchParameters }),
    ...(entitlementKey === null ? {} : { entitlementKey: { courseStructure: entitlementKey } }),
  };
} // prettier-ignore

/** What the fetch address answers, the first time and after it (§8.2). */
export const exchangeAnswer = (exchanged: Exchanged): Readonly<Record<string, string>> =>
  exchanged.ok
    ? { 'auth-token': exchanged.token }
    : exchanged.because === 'used'
      ? { 'error-code': '1', 'error-text': 'the token was handed out already, or the session is over' }
      : { 'error-code': '2', 'error-text': 'there is no such address' };
