/** A full disk, said plainly: to who writes, before PostgreSQL meets it, and to who runs the server. */
import { join } from 'node:path';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import { ROOM_UNKNOWN, watchRoom, type EmbeddedNews, type Room } from '#platform/db';
import { httpFailure } from '#platform/http';
import type { Log } from '#platform/log';

/** What becomes of the embedded PostgreSQL, in the server's log; why it could not be started, too. */
export const tellNews =
  (log: Log) =>
  ({ what, ...news }: EmbeddedNews): void =>
    log.warn({ what, ...('because' in news ? { err: news.because } : {}) }, 'embedded PostgreSQL');

export function roomOf(config: Config, log: Log): Room {
  if (config.databaseUrl !== null) return ROOM_UNKNOWN;
  return watchRoom(join(config.home, 'postgres'), ({ full, freeBytes }) => {
    const free = { freeMib: Math.floor(freeBytes / 2 ** 20) };
    if (full)
      log.error(
        free,
        'the disk of STRONGROOM_HOME is full: writes and reads of customers are refused until there is room',
      );
    else log.warn(free, 'the disk has room again: the server goes on');
  });
}

/** Nothing is done that is not in the log, so what asks the log asks for room: writes, and reads of personal data. */
export function whileThereIsRoom(audit: Audit, room: Room): Audit {
  const ask = (): void => {
    if (room.isFull()) throw httpFailure('DISK_FULL');
  };
  return {
    ...audit,
    append: async (event) => {
      ask();
      return audit.append(event);
    },
    appendIn: async (tx, event) => {
      ask();
      return audit.appendIn(tx, event);
    },
  };
}
