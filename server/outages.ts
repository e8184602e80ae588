/** Parts that fail for a moment because a control test says so: a disk that is full, a mail server that is away. */
import type { Room } from '#platform/db';
import type { SendOne } from '#platform/mail';

export type Outages = Readonly<{
  /** For so long there is no room for what has to be written. */
  fill: (ms: number) => void;
  /** For so long no mail server answers. */
  cutMail: (ms: number) => void;
  room: (room: Room) => Room;
  sender: (send: SendOne | null) => SendOne | null;
}>;

/** Longer than that is no test any more. */
const MOST_MS = 10_000;
/** Whoever lives there was made up (server/canary-desk.ts): nothing for them ever leaves. RFC 2606 §2 */
const NOBODYS = /@canary\.invalid$/i;

export function createOutages(): Outages {
  const until = { full: 0, mail: 0 };
  const within = (ms: number): number => performance.now() + Math.min(ms, MOST_MS);
  return {
    fill: (ms) => void (until.full = within(ms)),
    cutMail: (ms) => void (until.mail = within(ms)),
    room: (room) => ({ isFull: () => performance.now() < until.full || room.isFull() }),
    sender: (send) =>
      send === null
        ? null
        : async (letter, signal) => {
            if (performance.now() < until.mail) return { outcome: 'later', ours: true, problem: 'a control test cut the way to the mail server' };
            return NOBODYS.test(letter.to) ? { outcome: 'refused', problem: 'nobody lives there' } : send(letter, signal);
          },
  }; // prettier-ignore
}
