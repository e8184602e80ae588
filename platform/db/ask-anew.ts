/** A session of its own, made to ask what became of others, and given up where it is not answered in time. */
import type Postgres from 'postgres';

import { postgres } from './driver.ts';
import type { Seen, Session } from './silence.ts';

const ANSWER_MS = 10_000;

/** @returns null where nothing answered */
export async function askAnew(
  place: string,
  options: Postgres.Options<Record<string, Postgres.PostgresType>>,
): Promise<Seen | null> {
  let own: Session | undefined;
  const db = postgres(place, {
    ...options,
    max: 1,
    fetch_types: false,
    onsocket: (session: Session) => (own = session),
  } as typeof options);
  const late = setTimeout(() => own?.end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), ANSWER_MS);
  try {
    const rows = await db<{ pid: number; me: number; age: number | null; idle: boolean | null }[]>`
      select pid, pg_backend_pid() as me, (extract(epoch from clock_timestamp() - backend_start) * 1000)::float8 as age,
        (state like 'idle%' or wait_event = 'ClientRead') as idle
      from pg_stat_activity where usename = session_user`;
    // a pooler gives names of its own: what the server says of a session is not said of ours
    if (rows[0] === undefined || rows[0].me !== own?.pid()) return { sessions: null };
    return { sessions: new Map(rows.map(({ pid, age, idle }) => [pid, { ageMs: age ?? 0, isIdle: idle === true }])) };
  } catch (thrown) {
    // it speaks: there are too many sessions, it starts or stops, or asking is forbidden
    return (thrown as { name?: unknown }).name === 'PostgresError' ? { sessions: null } : null;
  } finally {
    clearTimeout(late);
    own?.end(new Error('asked'));
    await db.end({ timeout: 0 });
  }
}
