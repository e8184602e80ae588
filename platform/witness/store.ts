/**
 * The memory of a witness: for each log the newest checkpoint it cosigned. One SQLite file, held by one process.
 *
 * INVARIANT: what `advance` was called with is on the disk when it returns, and sizes never go back.
 */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { witnessFailure } from './failures.ts';

export type Remembered = Readonly<{ size: number; root: Buffer; cosignedAt: Date }>;
export type Evidence = Readonly<{
  origin: string;
  size: number;
  root: Uint8Array;
  why: string;
  body: Uint8Array;
  at: Date;
}>;

export type Memory = Readonly<{
  /** null: nothing of this log was cosigned yet. */
  last: (origin: string) => Remembered | null;
  /** Durable when it returns. @throws Error when the size would go back */
  advance: (origin: string, next: Remembered & Readonly<{ note: string }>) => void;
  /** Keeps the first 1,000 tree heads that a log signed and that did not follow. @returns whether this one is new */
  keepEvidence: (evidence: Evidence) => boolean;
  /** All logs of which something was cosigned. */
  all: () => readonly (Remembered & Readonly<{ origin: string }>)[];
  close: () => void;
}>;

/** "SrWi" */
const APPLICATION_ID = 0x53725769;
const MOST_EVIDENCE = 1000;

/** Makes an empty memory. @throws WITNESS_HOME when there is something */
export function makeMemory(path: string): void {
  if (existsSync(path)) throw witnessFailure('HOME', { detail: `${path} is there already` });
  const db = new DatabaseSync(path);
  db.exec(`
    pragma application_id = ${APPLICATION_ID};
    pragma user_version = 1;
    create table cosigned (
      origin text primary key, size integer not null check (size >= 0), root blob not null check (length(root) = 32),
      note text not null, cosigned_at integer not null
    ) strict;
    create trigger only_forward before update on cosigned when new.size < old.size or new.origin <> old.origin
    begin select raise(abort, 'a witness does not go back'); end;
    create trigger no_delete before delete on cosigned begin select raise(abort, 'a witness does not forget'); end;
    create table evidence (
      origin text not null, size integer not null, root blob not null, why text not null, body blob not null,
      at integer not null, primary key (origin, size, root)
    ) strict`);
  db.close();
}

/** @throws WITNESS_FORGOTTEN, WITNESS_IN_USE, WITNESS_HOME */
export function openMemory(path: string): Memory {
  if (!existsSync(path)) throw witnessFailure('FORGOTTEN', { detail: `there is no memory in ${path}` });
  const db = hold(path);
  const columns = 'origin, size, root, cosigned_at';
  const find = db.prepare(`select ${columns} from cosigned where origin = ?`);
  const every = db.prepare(`select ${columns} from cosigned order by origin`);
  const put = db.prepare(`
    insert into cosigned (origin, size, root, note, cosigned_at) values (?, ?, ?, ?, ?)
    on conflict (origin) do update set size = excluded.size, root = excluded.root, note = excluded.note, cosigned_at = excluded.cosigned_at`);
  // anybody may send an old checkpoint with a proof that is none: each head is kept once, and they are counted
  const keep = db.prepare(`
    insert into evidence (origin, size, root, why, body, at) select ?, ?, ?, ?, ?, ?
    where (select count(*) from evidence) < ${MOST_EVIDENCE} on conflict do nothing`);
  return {
    last: (origin) => {
      const row = find.get(origin);
      return row === undefined ? null : asRemembered(row);
    },
    advance: (origin, { size, root, note, cosignedAt }) => {
      put.run(origin, size, root, note, cosignedAt.getTime());
    },
    keepEvidence: ({ origin, size, root, why, body, at }) =>
      keep.run(origin, size, root, why, body, at.getTime()).changes === 1,
    all: () => every.all().map((row) => ({ ...asRemembered(row), origin: String(row.origin) })),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function asRemembered(row: Row): Remembered {
  return {
    size: Number(row.size),
    root: Buffer.from(row.root as Uint8Array),
    cosignedAt: new Date(Number(row.cosigned_at)),
  };
}

/** The kernel lets go of the file when the process dies, however it dies. */
function hold(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(
      'pragma busy_timeout = 0; pragma locking_mode = exclusive; pragma journal_mode = delete; pragma synchronous = extra',
    );
    db.exec('begin exclusive; commit');
    const [[id], [version], [whole]] = ['application_id', 'user_version', 'integrity_check'].map((name) =>
      Object.values(db.prepare(`pragma ${name}`).get() ?? {}),
    ) as [unknown[], unknown[], unknown[]];
    if (id !== APPLICATION_ID || version !== 1)
      throw witnessFailure('HOME', { detail: `${path} is no memory of a witness` });
    if (whole !== 'ok') throw witnessFailure('FORGOTTEN', { detail: `${path} is damaged` });
    return db;
  } catch (thrown) {
    db.close();
    const { errcode } = thrown as { errcode?: number };
    // SQLITE_BUSY; SQLITE_CORRUPT, SQLITE_NOTADB
    if (errcode === 5) throw witnessFailure('IN_USE', { cause: thrown });
    if (errcode === 11 || errcode === 26)
      throw witnessFailure('FORGOTTEN', { detail: `${path} is damaged`, cause: thrown });
    throw thrown;
  }
}
