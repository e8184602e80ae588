/**
 * What is public of the tree: the published checkpoint, the last one with a quorum, and the one that is offered to
 * witnesses that fetch. Each only goes forward; cosignatures of one text are put together, whoever brought them.
 */
import { transact, type Db } from '#platform/db';
import { addLines, isBy, isMet, openNote, parseCheckpoint, splitNote, type NoteKey, type Policy } from '#platform/tlog';

import { lockPublished, setPublished } from './store.ts';

/** How long one checkpoint is offered: witnesses that fetch meet on it, however fast the log grows. */
const OFFERED_MS = 60_000;

export const textOf = (note: string): string | null => splitNote(note)?.text ?? null;
export const linesOf = (note: string): string[] => splitNote(note)?.signatures.map(({ line }) => line) ?? [];
export const sizeOf = (note: string | null): number => parseCheckpoint(textOf(note ?? '') ?? '')?.size ?? -1;

type Public = Readonly<{
  published: string | null;
  witnessed: string | null;
  offered: string | null;
  offeredAt: Date | null;
}>;

const keysOf = (policy: Policy | null): readonly NoteKey[] => policy?.witnesses.map(({ key }) => key) ?? [];

function hasQuorum(note: string, policy: Policy | null): boolean {
  const keys = keysOf(policy);
  const opened = keys.length === 0 ? null : openNote(note, keys);
  return policy !== null && isMet(policy.quorum, opened?.signed ?? new Map());
}

/** Should another checkpoint be offered than is? Only where the policy has witnesses without a URL: those that fetch. */
export function isOfferDue({ published, witnessed, offered, offeredAt }: Public, policy: Policy, now: Date): boolean {
  if (published === null || !policy.witnesses.some(({ url }) => url === null)) return false;
  if (offered === null || offeredAt === null) return true;
  if (sizeOf(offered) >= sizeOf(published)) return false;
  // a clock that was set back must not hold the offer for ever
  return sizeOf(witnessed) >= sizeOf(offered) || Math.abs(now.getTime() - offeredAt.getTime()) >= OFFERED_MS;
}

export type PutOut = Readonly<{
  signed: string;
  /** Cosignatures of its text, verified. */
  lines: readonly string[];
  policy: Policy | null;
  now: Date;
}>;

/** Publishes what was signed, with these lines and those that are there; a newer one that is out is left as it is. */
export async function putOut(db: Db, { signed, lines, policy, now }: PutOut): Promise<void> {
  await transact(db, async (tx) => {
    const row = await lockPublished(tx);
    if (row === null) return;
    const { published } = row;
    const isThere = published !== null && textOf(published) === textOf(signed);
    const isNewer = published !== null && sizeOf(published) >= sizeOf(signed);
    // what does not open was put there by somebody else
    const known = [published, row.offered].filter(
      (note) => note !== null && textOf(note) === textOf(signed) && openNote(note, keysOf(policy)) !== null,
    ) as string[];
    const note = isNewer && !isThere ? published : addLines(signed, [...known.flatMap(linesOf), ...lines]);
    await keep(tx, row, { ...row, published: note }, policy, now);
  });
}

export type Cosigned = Readonly<{
  /** The whole of it: the text, the log's signatures, the witness's. */
  note: string;
  policy: Policy;
  now: Date;
  /** What was public lately: anybody may bring a note, and most are turned away by this alone, without a lock. */
  lately: Public;
}>;

/**
 * Takes cosignatures from a witness that fetched. Nothing is believed but signatures.
 * @returns `stale` for a text that is neither published nor offered; `unknown` when no witness of the policy signed it
 */
export async function takeCosigned(
  db: Db,
  { note, policy, now, lately }: Cosigned,
): Promise<'taken' | 'stale' | 'unknown'> {
  const split = splitNote(note);
  const placesIn = (row: Public): ('published' | 'offered')[] =>
    (['published', 'offered'] as const).filter((place) => split !== null && textOf(row[place] ?? '') === split.text);
  if (split === null || placesIn(lately).length === 0) return 'stale';
  const opened = openNote(note, keysOf(policy));
  if (opened === null) return 'unknown';
  const keys = [...opened.signed.keys()];
  const lines = split.signatures.filter((each) => keys.some((key) => isBy(each, key))).map(({ line }) => line);
  const added = (row: Public): Public => {
    const next = { ...row };
    for (const place of placesIn(row)) next[place] = addLines(row[place] as string, lines);
    return next;
  };
  const isThere = (row: Public): boolean => placesIn(row).every((place) => added(row)[place] === row[place]);
  if (isThere(lately)) return 'taken';
  return transact(db, async (tx) => {
    const row = await lockPublished(tx);
    if (row === null || placesIn(row).length === 0) return 'stale';
    await keep(tx, row, added(row), policy, now);
    return 'taken';
  });
}

/** Writes when something changed: a quorum that is met now, or an offer whose time is over, goes with it. */
async function keep(
  tx: Parameters<typeof setPublished>[0],
  before: Public,
  next: Public,
  policy: Policy | null,
  now: Date,
): Promise<void> {
  const { published } = next;
  let { witnessed, offered, offeredAt } = next;
  for (const note of [offered, published])
    if (note !== null && sizeOf(note) >= sizeOf(witnessed) && hasQuorum(note, policy)) witnessed = note;
  if (policy !== null && isOfferDue({ published, witnessed, offered, offeredAt }, policy, now))
    [offered, offeredAt] = [published, now];
  const isSame = published === before.published && witnessed === before.witnessed && offered === before.offered;
  if (!isSame) await setPublished(tx, { published, witnessed, offered, offeredAt });
}
