import { failures } from '#platform/failure';

export const backupsFailure = failures('BACKUPS', {
  DENIED: {
    status: 403,
    says: 'this actor may not do this with backups',
    hint: 'GET /v1/access/whoami says what it may; ask an administrator for another role',
  },
  TARGET_MALFORMED: {
    status: 422,
    says: 'this is not the address of a store',
    hint: 'directory:/absolute/path, or s3://bucket/prefix?endpoint=https://…&region=…',
  },
  TARGET_UNREACHABLE: {
    status: 503,
    says: 'the store does not answer',
    hint: 'nothing was lost: the backup is tried again; check the address, the credentials and the network of the store',
  },
  TARGET_DENIED: {
    status: 502,
    says: 'the store refused the request',
    hint: 'the credentials need PutObject, GetObject, ListBucketVersions and GetBucketObjectLockConfiguration',
  },
  TARGET_UNFIT: {
    status: 502,
    says: 'the store cannot keep backups safely',
    hint: 'make a bucket with object lock and versioning; both are chosen when the bucket is made',
  },
  LOCK_MISSING: {
    status: 502,
    says: 'the store took the lock and did not keep it: read back, it is not there',
    hint: 'this store cannot protect backups from whoever has its credentials; use one that enforces object lock',
  },
  OBJECT_DAMAGED: {
    status: 502,
    says: 'an object of the store is not what was written',
    hint: 'restore from another store or another point in time; find out what changed this one',
  },
  OBJECT_MISSING: {
    status: 404,
    says: 'the store does not have this object',
    hint: 'it was pruned, or the store lost it: strongroom backups verify says which',
  },
  OBJECT_EXISTS: {
    status: 409,
    says: 'the store already has an object of this name, and names are written once',
    hint: 'nothing was overwritten; names are random, so look for a second writer',
  },
  OBJECT_LOCKED: {
    status: 409,
    says: 'the object is locked until a later time',
    hint: 'wait until its retention ends; nobody can shorten it',
  },
  OBJECT_TOO_LARGE: {
    status: 500,
    says: 'an object is larger than 64 MiB',
    hint: 'this is a fault of ours: report it',
  },
  RECIPIENT_MALFORMED: {
    status: 422,
    says: 'this is no post-quantum hybrid recipient of age',
    hint: 'it begins with age1pq1 and has 1,959 letters: strongroom backups keys init prints one',
  },
  RECIPIENT_MISSING: {
    status: 409,
    says: 'there is nobody to seal a backup to',
    hint: 'make an offline identity: strongroom backups keys init; then strongroom backups trust FILE',
  },
  RECIPIENT_OFFLINE: {
    status: 409,
    says: 'this recipient is an offline one: as one of a drill it would be retired with the next backup',
    hint: 'a drill has an identity of its own, made on the machine that drills: strongroom backups keys init',
  },
  KEY_WRONG: {
    status: 422,
    says: 'these shares or this identity do not open the object, which is undamaged',
    hint: 'it was sealed to another recipient: compare the fingerprint on the ceremony sheet with the one in the manifest',
  },
  SHARES_WRONG: {
    status: 422,
    says: 'these shares do not make the identity they were split from',
    hint: 'too few, one twice, or one mistyped: three different shares of one ceremony are needed',
  },
  SIGNATURE_REFUSED: {
    status: 422,
    says: 'the signatures of a document do not hold',
    hint: 'it was changed, or is of another kind: do not restore from it; take another store',
  },
  SIGNER_UNKNOWN: {
    status: 422,
    says: 'the document is signed by somebody else',
    hint: 'compare --signer with the fingerprint on the ceremony sheet, or on the status page of the system that made the backup',
  },
  TABLE_UNDECLARED: {
    status: 500,
    says: 'a table is in no plane of backups',
    hint: 'declare it in practices/backups/planes.ts: without that a backup would lack it, or hold keys it must not hold',
  },
  SPREAD: {
    status: 501,
    says: 'tables are spread over several nodes, and a backup would not be of one moment',
    hint: "a snapshot binds one node: take the backups of Citus (citus_create_restore_point and each node's own backup and archive): docs/scaling.md",
  },
  TABLE_REWRITTEN: {
    status: 503,
    says: 'a table was emptied or rewritten while the backup began',
    hint: 'nothing of it was kept, and it is tried again by itself; take no backup while a migration, TRUNCATE or VACUUM FULL runs',
  },
  STOPPED: {
    status: 503,
    says: 'the server was told to stop while it took a backup',
    hint: 'nothing of it is kept; another server begins one at once, or this one when it starts again',
  },
  RUN_BUSY: {
    status: 409,
    says: 'a backup is running',
    hint: 'wait for it: strongroom backups list',
  },
  DRILL_FAILED: {
    status: 500,
    says: 'a restore that was tried did not prove itself',
    hint: 'the backups may not restore: find out why before they are needed; strongroom backups drill tries again',
  },
  DRILL_OVERDUE: {
    status: 500,
    says: 'no restore was proven for too long',
    hint: 'strongroom backups drill; why the last one failed, is in strongroom backups status',
  },
  CHAIN_BROKEN: {
    status: 422,
    says: 'the chain of manifests is not whole',
    hint: 'one was taken away, or put in from elsewhere: compare with another store of this plane',
  },
  LEDGER_MISSING: {
    status: 422,
    says: 'the ledger of erasures is not in this store',
    hint: 'name the store that has it with --ledger; without it nothing is restored, or forgotten customers would come back',
  },
  LEDGER_STALE: {
    status: 422,
    says: 'the ledger of erasures is older than what it is to be replayed on, or than may be believed',
    hint: 'take the ledger from another store; when it is known when the system was lost, --ledger-hours says how old it may be',
  },
  LEDGER_BROKEN: {
    status: 422,
    says: 'the ledger of erasures is not whole',
    hint: 'entries were taken away or put in: take the ledger from another store',
  },
  CONTENT_DIFFERS: {
    status: 500,
    says: 'what came into a table is not what was backed up',
    hint: 'nothing of the table stays; restore from another store, and report this',
  },
  CHANGES_MALFORMED: {
    status: 502,
    says: 'what the database or a segment tells of changes cannot be read',
    hint: 'nothing of it was applied or acknowledged; restore to an earlier time, and report this',
  },
  SEGMENT_GAP: {
    status: 422,
    says: 'the change segments between the snapshot and that time are not whole',
    hint: 'take another store, a time that they reach, or --snapshot for the newest backup alone',
  },
  SEGMENT_DIFFERS: {
    status: 500,
    says: 'a change does not fit the rows that it changes',
    hint: 'nothing is served from this; restore to an earlier time or with --snapshot, and report this',
  },
  NOTHING_FOUND: {
    status: 404,
    says: 'the store has no backup of that time or before',
    hint: 'leave --at out for the newest, or name another store',
  },
  STORE_STALE: {
    status: 422,
    says: 'the store does not show backups that there are',
    hint: 'it lists late, or somebody took them away: wait, or take another store',
  },
  KEYS_RENEWED: {
    status: 422,
    says: 'all keys were renewed since then: what was stored at that time opens under none that is kept',
    hint: 'leave --at out, and --snapshot: the newest time there is can be restored to',
  },
  SCHEMA_NEWER: {
    status: 422,
    says: 'the backup was made by a newer program',
    hint: 'restore it with the version that made it, or a later one',
  },
  CANARIES_NONE: {
    status: 422,
    says: 'no collection of the catalogue takes a person who does not exist: the drill would prove nothing about erasure',
    hint: 'let one collection have a field of text, a name, an address or an email that may be made up',
  },
  QUARANTINED: {
    status: 503,
    says: 'what was restored into this home is in quarantine: nobody has promoted it',
    hint: 'two people read the attestation and run: strongroom backups promote',
  },
  HOME_IN_USE: {
    status: 409,
    says: 'the home is not empty',
    hint: 'restore into a folder that does not exist yet',
  },
});
