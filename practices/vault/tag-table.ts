/**
 * The newest digest of each name, close together: 25 bytes in a slot, three slots of four taken at most. A million of them
 * are 52 MB; a `Map` of strings is four times as much, and a collector goes over it again and again.
 *
 * Names are the first bytes of an HMAC, so they are spread already: four of them say where to look (linear probing): not the
 * first four, by which a ledger is chosen.
 */
import { NAME_BYTES, TAG_BYTES } from './seal-tags.ts';

export type Verdict = 'same' | 'changed' | 'unknown' | 'deleted';
export type TagTable = Readonly<{
  /** Takes in the newest tag of a name. @param seen of one that is new, or was gone: whether it counts as seen */
  put: (tag: Buffer, seen: boolean) => void;
  bury: (name: Buffer) => void;
  /** One that is there counts as seen from now on. @param tag 24 bytes */
  compare: (tag: Buffer) => Verdict;
  unseen: () => number;
}>;

const FREE = 0;
const UNSEEN = 1;
const SEEN = 2;
const GONE = 3;

export function createTagTable(slots = 1024): TagTable {
  let size = slots;
  let taken = 0;
  let states = new Uint8Array(size);
  let tags = Buffer.alloc(size * TAG_BYTES);

  /** @returns the slot of this name, or the free one where it would be */
  const slotOf = (name: Buffer): number => {
    const [first, second] = [name.readUInt32BE(0), name.readUInt32BE(4)];
    for (let slot = second & (size - 1); ; slot = (slot + 1) & (size - 1)) {
      if (states[slot] === FREE) return slot;
      const at = slot * TAG_BYTES;
      if (tags.readUInt32BE(at) === first && tags.readUInt32BE(at + 4) === second) return slot;
    }
  };
  const grow = (): void => {
    const [oldStates, oldTags] = [states, tags];
    size *= 2;
    states = new Uint8Array(size);
    tags = Buffer.alloc(size * TAG_BYTES);
    oldStates.forEach((state, old) => {
      if (state === FREE) return;
      const tag = oldTags.subarray(old * TAG_BYTES, (old + 1) * TAG_BYTES);
      const slot = slotOf(tag);
      states[slot] = state;
      tag.copy(tags, slot * TAG_BYTES);
    });
  };
  const set = (bytes: Buffer, stateAfter: (state: number) => number): void => {
    if (taken >= size * 0.75) grow();
    const slot = slotOf(bytes);
    if (states[slot] === FREE) taken += 1;
    states[slot] = stateAfter(states[slot] as number);
    bytes.copy(tags, slot * TAG_BYTES);
  };

  return {
    put: (tag, seen) => set(tag, (state) => (state === SEEN || state === UNSEEN ? state : seen ? SEEN : UNSEEN)),
    bury: (name) => set(name, () => GONE),
    compare: (tag) => {
      const slot = slotOf(tag);
      if (states[slot] === FREE) return 'unknown';
      if (states[slot] === GONE) return 'deleted';
      states[slot] = SEEN;
      const at = slot * TAG_BYTES;
      return tags.compare(tag, NAME_BYTES, TAG_BYTES, at + NAME_BYTES, at + TAG_BYTES) === 0 ? 'same' : 'changed';
    },
    unseen: () => states.reduce((sum, state) => sum + (state === UNSEEN ? 1 : 0), 0),
  };
}
