/** Mails that people report: an exercise is thanked for at once, anything else is for the security team. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { hmacSha256 } from '#platform/crypto';
import { transact } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { findToken, findTokenOfMail, noteEvent, noteMark, type LinkRow } from '../store/phish-events.ts';
import {
  addReport,
  decideCluster,
  findCluster,
  findClusterRow,
  insertCluster,
  listClusters,
  lockReports,
  sweepClusters,
  type After,
  type Channel,
  type ClusterRow,
} from '../store/phish-reports.ts';
import { personUuid } from './campaigns.ts';
import type { PhishingNeeds } from './needs.ts';
import { readPasted, readReport, type ReportedMail, type Shown } from './read-report.ts';
import { deliveredAt } from './visits.ts';
import { tokenHash } from './send.ts';

export type ToReport = Readonly<{ channel: Channel }> &
  Readonly<{ mail: Buffer; /** Whose own mail it came in; left out: as it arrived. */ writtenBy?: string } | { text: string }>; // prettier-ignore
export type Thanks =
  | Readonly<{ was: 'exercise'; minutes?: number; says: string }>
  | Readonly<{ was: 'reported'; report: string; says: string }>;

const SAYS = {
  exercise: 'Thank you! That was an exercise of ours, and you saw through it. The first who reports a real one protects everybody else.',
  reported: 'Thank you! It is with the security team now. Leave the mail where it is; they ask you if they need it.',
} as const; // prettier-ignore
const KEPT_DAYS = 90;
const DAY_MS = 86_400_000;

export type Reports = ReturnType<typeof createReports>;

export function createReports(needs: PhishingNeeds) {
  const { db, clock, audit, origin, reportKey, onSuspicious } = needs;
  const keyed = (what: string, ...parts: string[]): Buffer => hmacSha256(reportKey, JSON.stringify([`strongroom/report/${what}/1`, ...parts])); // prettier-ignore
  const seal = (id: Uuid, shown: Shown): Buffer => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', keyed('seal', id), nonce);
    return Buffer.concat([nonce, cipher.update(JSON.stringify(shown), 'utf8'), cipher.final(), cipher.getAuthTag()]);
  };
  const open = ({ cluster_id, sealed }: ClusterRow): Shown | null => {
    if (sealed === null) return null;
    const decipher = createDecipheriv('aes-256-gcm', keyed('seal', cluster_id), sealed.subarray(0, 12), { authTagLength: 16 }); // prettier-ignore
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as Shown;
  };
  const idOf = (uuid: Uuid): string => publicId('rep', uuid);

  const exerciseOf = async ({ tokens, mailIds }: ReportedMail): Promise<LinkRow | null> => {
    for (const token of tokens) {
      const link = await findToken(db, tokenHash(token));
      if (link !== null) return link;
    }
    for (const id of mailIds) {
      const link = await findTokenOfMail(db, id);
      if (link !== null) return link;
    }
    return null;
  };

  /** Only for one's own mail: a link that was passed on is thanked for and changes nothing. */
  const thank = async (link: LinkRow, person: Uuid | null, at: Date): Promise<number | undefined> => {
    // of an untied group there is but the day
    const since = link.untied ? null : await deliveredAt(needs, link);
    const minutes = since === null ? undefined : Math.max(0, Math.floor((at.getTime() - since.getTime()) / 60_000));
    if (link.person_id !== null && link.person_id !== person) return minutes;
    await transact(db, async (tx) => {
      const isFirst = await noteEvent(tx, link.token_hash, { kind: 'report', class: 'human', at, ...(minutes === undefined ? {} : { minutes }) });
      if (isFirst && link.person_id !== null) await noteMark(tx, link.person_id, link.campaign_id, 'report', at);
    });
    return minutes;
  };

  const pass = async (by: By, person: Uuid | null, channel: Channel, read: ReportedMail, at: Date): Promise<Uuid> => {
    const keys = read.keys.map((each) => keyed('key', each));
    const whole = keyed('whole', read.whole);
    return transact(db, async (tx) => {
      await lockReports(tx);
      const known = await findCluster(tx, keys, whole);
      const cluster = known ?? uuidv7();
      if (known === null) await insertCluster(tx, cluster, at, seal(cluster, read.shown));
      const row = { report_id: uuidv7(), cluster_id: cluster, reporter: person, channel, reported_at: at };
      await addReport(tx, row, [...keys, whole]);
      await audit.appendIn(tx, {
        action: 'education.report', actor: by.actor, outcome: 'done', requestId: by.requestId,
        detail: { about: 'message', report: idOf(cluster), channel, first: known === null },
      });
      if (known === null) await onSuspicious?.(tx, idOf(cluster));
      return cluster;
    });
  }; // prettier-ignore

  return {
    /** @throws EDUCATION_REPORT_UNREADABLE */
    report: async (by: By, given: ToReport): Promise<Thanks> => {
      const read = 'mail' in given ? await readReport(given.mail, { origin, writtenBy: given.writtenBy ?? null }) : readPasted(given.text, origin);
      if (read === null) throw educationFailure('REPORT_UNREADABLE');
      const at = clock();
      const person = by.person === undefined ? null : personUuid(by.person);
      const link = await exerciseOf(read);
      // an add-in has it from its reader's mailbox, whoever made the add-in's key
      const reader = person ?? ('mail' in given ? (link?.person_id ?? null) : null);
      const minutes = link === null ? undefined : await thank(link, reader, at);
      // INVARIANT: a link of ours excuses nothing that is somebody else's, nor what somebody else passed on
      if (link !== null && read.isOursAlone && (link.person_id === null || link.person_id === reader))
        return { was: 'exercise', ...(minutes === undefined ? {} : { minutes }), says: SAYS.exercise };
      const cluster = await pass(by, person, given.channel, read, at);
      return { was: 'reported', report: idOf(cluster), says: SAYS.reported };
    },
    /**
     * Open ones first. INVARIANT: that somebody reads them is in the log before they do.
     * @param before `next` of the page before
     */
    list: async (by: By, { before = null, limit = 200 }: Readonly<{ before?: string | null; limit?: number }> = {}) => {
      await audit.append({ action: 'education.reports.read', actor: by.actor, outcome: 'done', requestId: by.requestId });
      const rows = await listClusters(db, before === null ? null : readPlace(before), limit);
      const reports = rows.map((row) => ({ ...row, id: idOf(row.cluster_id), shown: open(row) }));
      const last = reports.length < limit ? undefined : reports.at(-1);
      return { reports, next: last === undefined ? null : `${Number(last.verdict === 'open')}.${last.last_at.getTime()}.${last.id}` };
    },
    /** @throws EDUCATION_CLUSTER_NOT_FOUND */
    decide: async (by: By, id: string, verdict: 'phish' | 'harmless'): Promise<void> => {
      const uuid = parsePublicId('rep', id);
      await transact(db, async (tx) => {
        if (uuid === null || (await findClusterRow(tx, uuid)) === null) throw educationFailure('CLUSTER_NOT_FOUND');
        await decideCluster(tx, uuid, verdict, by.actor.id, clock());
        await audit.appendIn(tx, {
          action: 'education.phishing.judge', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { report: id, verdict },
        });
      });
    },
    sweep: () => sweepClusters(db, new Date(clock().getTime() - KEPT_DAYS * DAY_MS)),
  };
} // prettier-ignore

/** Where a page ended; what is no such place is the beginning. */
function readPlace(before: string): After | null {
  const [isOpen, lastAt, id = ''] = before.split('.');
  const uuid = parsePublicId('rep', id);
  return uuid === null ? null : { isOpen: isOpen === '1', lastAt: new Date(Number(lastAt)), id: uuid };
}
