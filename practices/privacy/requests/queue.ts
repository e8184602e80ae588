/**
 * The queue that people work through, page by page: open ones by their deadline, and after them answers whose mail has not
 * left; or what was answered, the newest first. A page is full whatever is not shown between, and none that does not change
 * meanwhile is left out or shown twice.
 */
import type { Db } from '#platform/db';
import { parsePublicId, type SubjectId, type Uuid } from '#platform/ids';

import { privacyFailure } from '../failures.ts';
import { closedAfter, mailed, openAfter, type RequestRow } from '../store/requests.ts';
import { requestIdText, type Desk, type RequestView } from './desk.ts';

export type QueueAsk = Readonly<{
  which: 'open' | 'closed';
  /** 1 to 500. */
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
  /** Of these subjects alone; null: of all. */
  only: readonly SubjectId[] | null;
  /** Which of these subjects may be shown. */
  isShown: (subjects: readonly SubjectId[]) => Promise<(subject: SubjectId) => boolean>;
}>;
type QueuePage = Readonly<{
  requests: readonly RequestView[];
  /** Null: there are no more. */
  next: string | null;
}>;
/** Without words and answers: a list is no read of what each of them wrote. @throws PRIVACY_CURSOR_INVALID */
export type Queue = (ask: QueueAsk) => Promise<QueuePage>;

type Part = 'open' | 'late' | 'closed';
type Place = Readonly<{ part: Part; at: Date; id: Uuid }>;

/** As long as the link that a mail carries. */
const MAIL_DAYS = 14;
/** What leaves in time is not shown: few of them are. */
const MOST_AT_ONCE = 500;
/** Each time that a page is not full yet, more are read. */
const MORE = 4;
const FIRST_ID = '00000000-0000-0000-0000-000000000000' as Uuid;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff' as Uuid;
const BEGIN: Readonly<Record<Part, Place>> = {
  open: { part: 'open', at: new Date(0), id: FIRST_ID },
  late: { part: 'late', at: new Date(0), id: LAST_ID },
  closed: { part: 'closed', at: new Date('9999-12-31'), id: LAST_ID },
};
export const CURSOR = '^(open|late|closed)\\.[0-9]{1,15}\\.dsr_[0-9a-z]{26}$';

const cursorOf = ({ part, at, id }: Place): string => `${part}.${at.getTime()}.${requestIdText(id)}`;
function placeIn(cursor: string, which: QueueAsk['which']): Place {
  const [part = '', ms = '', text = ''] = cursor.split('.');
  const id = parsePublicId('dsr', text);
  const parts: readonly string[] = which === 'open' ? ['open', 'late'] : ['closed'];
  const at = new Date(/^\d{1,15}$/.test(ms) ? Number(ms) : Number.NaN);
  if (id === null || !parts.includes(part) || !(at <= BEGIN.closed.at)) throw privacyFailure('CURSOR_INVALID');
  return { part: part as Part, at, id };
}

export function createQueue({ db, clock, desk }: Readonly<{ db: Db; clock: () => Date; desk: Desk }>): Queue {
  const rowsAfter = ({ part, at, id }: Place, only: QueueAsk['only'], limit: number): Promise<RequestRow[]> => {
    if (part === 'open') return openAfter(db, { at, id, only, limit });
    if (part === 'closed') return closedAfter(db, { at, id, only, limit });
    return mailed(db, new Date(clock().getTime() - MAIL_DAYS * 86_400_000), { id, only, limit });
  };
  const placeOf = (part: Part, row: RequestRow): Place => ({
    part,
    at: part === 'late' ? new Date(0) : part === 'open' ? row.due_at : (row.closed_at as Date),
    id: row.request_id,
  });
  return async ({ which, limit, cursor, only, isShown }) => {
    const found: { view: RequestView; place: Place }[] = [];
    let from = cursor === undefined ? BEGIN[which] : placeIn(cursor, which);
    // one more than is shown says whether there is a next page
    for (let many = limit + 1; found.length <= limit; many *= MORE) {
      const most = from.part === 'late' ? MOST_AT_ONCE : Math.min(many, MOST_AT_ONCE + 1);
      const rows = await rowsAfter(from, only, most);
      const may = await isShown(rows.map((row) => row.subject_id));
      const here = rows.filter((row) => may(row.subject_id));
      const views = await desk.shut(here);
      for (const [n, view] of views.entries())
        // answered, and the answer has not left: it waits for somebody as an open one does
        if (from.part !== 'late' || (view.mail !== null && view.mail !== 'sent'))
          found.push({ view, place: placeOf(from.part, here[n] as RequestRow) });
      const last = rows.at(-1);
      if (rows.length === most && last !== undefined) from = placeOf(from.part, last);
      else if (from.part === 'open') from = BEGIN.late;
      else break;
    }
    const page = found.slice(0, limit);
    const end = page.at(-1);
    return {
      requests: page.map(({ view }) => view),
      next: found.length > limit && end !== undefined ? cursorOf(end.place) : null,
    };
  };
}
