/**
 * A checksum of a table's rows that does not depend on their order: eight 32-bit lanes of SHA-256 of each row, added up
 * modulo 2^32. Rows come in another order after a restore, and a table is read in parts.
 *
 * It finds what was lost, doubled or changed by mistake. Against somebody who may choose rows it is no proof: objects are
 * authenticated for that.
 */
import { hash } from 'node:crypto';

export type RowSums = Readonly<{
  /** @param text whole rows of COPY text, each ended by a line end @returns how many there were */
  add: (text: Uint8Array) => number;
  merge: (other: string) => void;
  /** 64 hex digits. */
  value: () => string;
}>;

const NEWLINE = 0x0a;

export function rowSums(): RowSums {
  const lanes = new Uint32Array(8);
  return {
    add: (text) => {
      let rows = 0;
      for (let at = 0; at < text.length; rows += 1) {
        const end = text.indexOf(NEWLINE, at);
        const stop = end < 0 ? text.length : end;
        const digest = hash('sha256', text.subarray(at, stop), 'buffer');
        for (let lane = 0; lane < 8; lane += 1) lanes[lane] = (lanes[lane] as number) + digest.readUInt32BE(lane * 4);
        at = stop + 1;
      }
      return rows;
    },
    merge: (other) => {
      const bytes = Buffer.from(other, 'hex');
      for (let lane = 0; lane < 8; lane += 1) lanes[lane] = (lanes[lane] as number) + bytes.readUInt32BE(lane * 4);
    },
    value: () => {
      const bytes = Buffer.alloc(32);
      lanes.forEach((lane, n) => bytes.writeUInt32BE(lane, n * 4));
      return bytes.toString('hex');
    },
  };
}
