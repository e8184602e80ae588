/**
 * Sessions that no answer will come on: the host is gone without a word, its address went to another, or something on the way
 * forgot the connection. Nothing tells of it but that nothing comes, which is also what a long statement looks like. So a new
 * session is asked: whether it is let in at all, and whether the server still works on what the silent ones were sent.
 *
 * The kernel gives up after about 15 minutes (tcp_retries2, tcp(7)). This takes about 40 s.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the driver tells of a connection each time that it has a new socket (mends.ts). */
export type Session = Readonly<{
  socket: Socket;
  /** When it was made, as performance.now() tells time. */
  since: number;
  /** What the server calls it; null as long as it has not said so. */
  pid: () => number | null;
  /** Whether something was sent that has no answer yet. */
  isAsked: () => boolean;
  /** Whoever waits for an answer is told this. */
  end: (cause: Error) => void;
}>;

/** What a new session was told of the sessions of the same role. Without `sessions`: it speaks, and can say nothing of them. */
export type Seen = Readonly<{ sessions: ReadonlyMap<number, Readonly<{ ageMs: number; isIdle: boolean }>> | null }>;

const SILENT_MS = 20_000;
/** From one look to the next, at most. */
const LOOK_MS = 5000;

/** A server counts the age of a session from when it took it on, this side from when it began to connect: as much later at most. */
const TAKEN_ON_MS = 15_000;
/** For the way of the question and of its answer. */
const ON_THE_WAY_MS = 5000;

type Line = { session: Session; heard: number; silentSince: number; missed: boolean };

/**
 * @param ask opens a session of its own; null where none is let in, or none answers
 * @param silentMs without an answer as long as this, a new session is asked
 * @returns to be told of each socket
 */
export function endsSilentSessions(ask: () => Promise<Seen | null>, silentMs = SILENT_MS): (session: Session) => void {
  const lookMs = Math.min(LOOK_MS, silentMs / 4);
  const lines = new Set<Line>();
  let isWatching = false;

  const look = async (): Promise<void> => {
    const now = performance.now();
    for (const line of lines) {
      const { bytesRead } = line.session.socket;
      if (bytesRead !== line.heard) Object.assign(line, { heard: bytesRead, silentSince: now, missed: false });
      if (!line.session.isAsked()) line.silentSince = now;
    }
    const silent = [...lines].filter((line) => now - line.silentSince >= silentMs);
    // one look is none: who was missed is looked for until it is known, whether anybody asks or not
    if (silent.length === 0 && ![...lines].some((line) => line.missed)) return;
    const known = [...lines].filter(({ session }) => session.pid() !== null);
    const seen = await ask();
    const lost = seen === null ? silent : known.filter((line) => isLost(line, seen, now, silent.includes(line)));
    for (const line of lines) {
      // an answer may have been on its way just then: it is lost when two looks in a row say so
      if (lost.includes(line)) {
        if (line.missed && line.session.socket.bytesRead === line.heard) end(line.session);
        line.missed = true;
      } else if (seen !== null) {
        line.missed = false;
        // what the server works on is left alone as long again
        line.silentSince = now;
      }
    }
  };
  const watch = async (): Promise<void> => {
    isWatching = true;
    while (lines.size > 0) {
      await sleep(lookMs, undefined, { ref: false });
      await look();
    }
    isWatching = false;
  };

  return (session) => {
    const line = { session, heard: 0, silentSince: session.since, missed: false };
    lines.add(line);
    session.socket.once('close', () => lines.delete(line));
    if (!isWatching) watch().catch(() => (isWatching = false));
  };
}

/** The server has no such session, or one that waits for us to ask. A number may have gone to another session since. */
function isLost({ session }: Line, { sessions }: Seen, askedAt: number, isSilent: boolean): boolean {
  if (sessions === null) return false;
  const there = sessions.get(session.pid() as number);
  if (there === undefined) return true;
  const [least, most] = [askedAt - session.since - TAKEN_ON_MS, performance.now() - session.since + ON_THE_WAY_MS];
  return there.ageMs < least || there.ageMs > most || (isSilent && there.isIdle);
}

function end(session: Session): void {
  session.end(Object.assign(new Error('the database has not answered, and will not'), { code: 'ETIMEDOUT' }));
}
