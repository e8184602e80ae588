/**
 * The database: one pool, transactions, migrations, and the PostgreSQL that the server brings along.
 */
export {
  addressAs,
  addressOf,
  checkVersion,
  openDb,
  socketUrl,
  supportedMajor,
  type Db,
  type DbAddress,
  type DbOptions,
  type Statements,
  type Tx,
} from './connection.ts';
export { isLately, isReached, isSilent } from './clocks.ts';
export { copyIn, copyRows, copyTextIn, type CopyRows } from './copy.ts';
export { distribute, distributionOf, type Distribution } from './distribute.ts';
export { readLayout, type Layout, type LayoutStep } from './layout.ts';
export { isFarFolder } from './embedded-place.ts';
export { removeEmbedded, startEmbedded, type Embedded, type EmbeddedNeeds } from './embedded.ts';
export { dbFailure } from './failures.ts';
export { gather, type Gather } from './gather.ts';
export { connectionsByState, databaseFacts, hasCitus, runningEmbedded, type DatabaseFacts } from './inspect.ts';
export {
  migrate,
  migrationStanding,
  schemaMark,
  type AppliedMigration,
  type MigrateOptions,
  type MigrationSource,
} from './migrate.ts';
export { transact, type TransactOptions } from './transact.ts';
export type { EmbeddedNews } from './embedded-supervise.ts';
export { ROOM_UNKNOWN, watchRoom, type Room } from './room.ts';
