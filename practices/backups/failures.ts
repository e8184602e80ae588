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
});
