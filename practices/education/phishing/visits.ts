/** What comes of a link: the page, and what its script says, judged with all that was said before. */
import { transact } from '#platform/db';

import {
  findToken,
  noteEvent,
  noteMark,
  noteVisit,
  sweepVisits,
  visitsOf,
  type LinkRow,
} from '../store/phish-events.ts';
import { judgeLanding, type Beacon } from './landing.ts';
import { landingPage } from './landing-page.ts';
import type { PhishingNeeds } from './needs.ts';
import { tokenHash } from './send.ts';
import { readPhishTemplate } from './template.ts';

const VISIT_MS = 3_600_000;

export type Visits = Readonly<{
  pageOf: (token: string) => Promise<string | null>;
  noteFetch: (token: string) => Promise<void>;
  noteBeacon: (beacon: Beacon) => Promise<void>;
  /** What was said by the script, hour by hour, is forgotten. */
  sweep: () => Promise<void>;
}>;

/** When the mail server took it; while that is not noted, as in groups, what the outbox says, or when it was handed over. */
export async function deliveredAt({ db, mail }: Pick<PhishingNeeds, 'db' | 'mail'>, link: LinkRow): Promise<Date> {
  const came = link.sent_at === null && link.mail_id !== null ? await mail.stateOf(db, link.mail_id) : null;
  return link.sent_at ?? came?.doneAt ?? link.queued_at;
}

export function createVisits({ db, clock, mail }: Pick<PhishingNeeds, 'db' | 'clock' | 'mail'>): Visits {
  return {
    pageOf: async (token) => {
      const link = await findToken(db, tokenHash(token));
      const template = link === null ? null : readPhishTemplate(link.source);
      return template?.ok === true ? landingPage(template.value) : null;
    },
    noteFetch: async (token) => {
      await noteEvent(db, tokenHash(token), { kind: 'fetch', class: 'unknown', at: clock() });
    },
    noteBeacon: async (beacon) => {
      const hash = tokenHash(beacon.token);
      const link = await findToken(db, hash);
      if (link === null) return;
      const [at, delivered] = [clock(), await deliveredAt({ db, mail }, link)];
      await transact(db, async (tx) => {
        await noteVisit(tx, hash, beacon, at);
        const said = (await visitsOf(tx, hash)).map(({ at: when, ...rest }) => ({
          kind: 'beacon' as const,
          at: when,
          beacon: { ...rest, token: beacon.token },
        }));
        const { by, clickedAt, submittedAt } = judgeLanding(said, delivered);
        if (by === 'unknown' || by === 'robot') await noteEvent(tx, hash, { kind: 'click', class: by, at });
        for (const [kind, when] of [['click', clickedAt], ['submit', submittedAt]] as const) {
          if (when === null) continue;
          await noteEvent(tx, hash, { kind, class: 'human', at: when });
          if (link.person_id !== null) await noteMark(tx, link.person_id, link.campaign_id, kind, when);
        }
      });
    },
    sweep: () => sweepVisits(db, new Date(clock().getTime() - VISIT_MS)),
  };
} // prettier-ignore
