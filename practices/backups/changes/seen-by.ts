/**
 * Which transactions a snapshot sees, exactly: a place in the log does not say it, since a transaction is in the log before
 * others see it. Source: PostgreSQL documentation, pg_snapshot ("Transaction ID and Snapshot Information Functions")
 */
import { backupsFailure } from '../failures.ts';

export type SeenBy = Readonly<{
  xmin: bigint;
  /** @param xid 32 bits, of a transaction within 2^31 of the snapshot */
  sees: (xid: number) => boolean;
}>;

/** @param text `xmin:xmax:xip,…` @throws BACKUPS_CHANGES_MALFORMED */
export function seenBy(text: string): SeenBy {
  const [, low = '', high = '', list = ''] = /^(\d{1,20}):(\d{1,20}):([\d,]*)$/.exec(text) ?? [];
  if (low === '') throw backupsFailure('CHANGES_MALFORMED', { detail: 'a snapshot is none' });
  const [xmin, xmax] = [BigInt(low), BigInt(high)];
  const running = new Set(list === '' ? [] : list.split(',').map(BigInt));
  return {
    xmin,
    sees: (xid) => {
      // the number of 64 bits that is nearest
      const distance = BigInt((xid - Number(xmax & 0xffffffffn)) | 0);
      const full = xmax + distance;
      return full < xmin || (full < xmax && !running.has(full));
    },
  };
}
