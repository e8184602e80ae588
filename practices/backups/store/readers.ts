/** Connections that whole tables and the log are read by: a large one takes as long as it takes. */
import { openDb, type Db, type DbAddress } from '#platform/db';

/** To be ended by whoever opens them. */
export const openReaders = (address: DbAddress, connections: number): Db =>
  openDb(address, {
    connections,
    statementTimeoutMs: 0,
    idleInTransactionMs: 0,
    applicationName: 'strongroom backup',
  });
