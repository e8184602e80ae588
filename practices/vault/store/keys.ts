/** Statements on the vault's own keys, numbers and installation. */
import { transact, type Db, type Statements } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';

import type { EpochRow, EpochStore, KeyUse } from '../epochs.ts';
import type { Wrapped } from '../kms/kms.ts';

/** The installation's id; made once, by whichever server comes first. */
export async function installationId(db: Db): Promise<Uuid> {
  await db`insert into vault.installation (installation) values (${uuidv7()}) on conflict do nothing`;
  const [row] = await db<{ installation: Uuid }[]>`select installation from vault.installation`;
  return (row as { installation: Uuid }).installation;
}

/** Without making one: null where no server was ever started. */
export async function knownInstallation(db: Db): Promise<Uuid | null> {
  const [row] = await db<{ installation: Uuid }[]>`select installation from vault.installation`;
  return row?.installation ?? null;
}

/** Which of the two roots has ever wrapped anything of this database: such a root is opened, never made. */
export async function rootsInUse(db: Db): Promise<{ first: boolean; second: boolean }> {
  const [row] = await db<{ first: boolean; second: boolean }[]>`
    select exists (select from vault.epochs where use <> 'second') or exists (select from vault.identities) as first,
      exists (select from vault.epochs where use = 'second') as second`;
  return row as { first: boolean; second: boolean };
}

type EpochRecord = {
  use: KeyUse;
  epoch: number;
  state: EpochRow['state'];
  wrapped: Buffer | null;
  provider: string;
  key_id: string;
  key_version: string;
  created_at: Date;
};

const asWrapped = (row: { wrapped: Buffer; provider: string; key_id: string; key_version: string }): Wrapped => ({
  blob: row.wrapped,
  provider: row.provider,
  keyId: row.key_id,
  keyVersion: row.key_version,
});

export async function epochRows(db: Statements): Promise<EpochRow[]> {
  const rows = await db<EpochRecord[]>`
    select use, epoch, state, wrapped, provider, key_id, key_version, created_at from vault.epochs order by use, epoch`;
  return rows.map((row) => ({
    use: row.use,
    epoch: row.epoch,
    state: row.state,
    createdAt: row.created_at,
    wrapped: row.wrapped === null ? null : asWrapped({ ...row, wrapped: row.wrapped }),
  }));
}

/** An epoch of another database, wrapped here. */
export async function putEpoch(db: Statements, { use, epoch, state, wrapped, createdAt }: EpochRow): Promise<void> {
  await db`
    insert into vault.epochs (use, epoch, state, wrapped, provider, key_id, key_version, created_at, destroyed_at)
    values (${use}, ${epoch}, ${state}, ${wrapped === null ? null : Buffer.from(wrapped.blob)}, ${wrapped?.provider ?? ''},
      ${wrapped?.keyId ?? ''}, ${wrapped?.keyVersion ?? ''}, ${createdAt}, ${wrapped === null ? createdAt : null})`;
}

export function epochStore(db: Db): EpochStore {
  const insert = (tx: Statements, use: KeyUse, epoch: number, wrapped: Wrapped) => tx`
    insert into vault.epochs (use, epoch, state, wrapped, provider, key_id, key_version)
    values (${use}, ${epoch}, 'current', ${Buffer.from(wrapped.blob)}, ${wrapped.provider}, ${wrapped.keyId}, ${wrapped.keyVersion})
    on conflict do nothing`;
  return {
    load: () => epochRows(db),
    insertFirst: async (use, wrapped) => void (await insert(db, use, 1, wrapped)),
    advance: async (use, from, wrapped) =>
      transact(db, async (tx) => {
        const retired = await tx`
          update vault.epochs set state = 'retiring' where use = ${use} and epoch = ${from} and state = 'current'`;
        if (retired.count === 0) return false;
        await insert(tx, use, from + 1, wrapped);
        return true;
      }),
    rewrap: async (use, epoch, wrapped) =>
      void (await db`
        update vault.epochs
        set wrapped = ${Buffer.from(wrapped.blob)}, provider = ${wrapped.provider}, key_id = ${wrapped.keyId}, key_version = ${wrapped.keyVersion}
        where use = ${use} and epoch = ${epoch} and wrapped is not null`),
  };
}

/**
 * Holds epochs until the transaction ends, so that none of them can be retired or destroyed before what is wrapped under
 * them is committed. @returns false when one is not current any more
 */
export async function holdEpochs(
  tx: Statements,
  epochs: Readonly<Partial<Record<KeyUse, ReadonlySet<number>>>>,
): Promise<boolean> {
  const wanted = Object.entries(epochs).flatMap(([use, numbers]) => [...numbers].map((epoch) => ({ use, epoch })));
  if (wanted.length === 0) return true;
  const held = await tx`
    select e.use from vault.epochs e
    join unnest(${wanted.map(({ use }) => use)}::text[], ${wanted.map(({ epoch }) => epoch)}::int[]) as w (use, epoch)
      on w.use = e.use and w.epoch = e.epoch
    where e.state = 'current' order by e.use for share of e`;
  return held.count === wanted.length;
}

/**
 * Destroys retired epochs that nothing stands under any more: no key ring, no lookup. Asked for each alone, and first: one
 * statement that changes epochs by what is in the other tables is refused where these are spread (docs/scaling.md).
 * @returns how many
 */
export async function destroyUnusedEpochs(db: Db): Promise<number> {
  return transact(db, async (tx) => {
    // writers hold the epoch they wrap under (holdEpochs), and only a current one: after this lock none is under way, none
    // comes, and the next statement, with a snapshot of its own, sees what they committed
    const retiring = await tx<{ use: 'data' | 'second' | 'index'; epoch: number }[]>`
      select use, epoch from vault.epochs where state = 'retiring' and use in ('data', 'second', 'index') order by use, epoch for update`;
    let gone = 0;
    for (const { use, epoch } of retiring) {
      if (await isEpochUsed(tx, use, epoch)) continue;
      await tx`
        update vault.epochs set state = 'destroyed', wrapped = null, destroyed_at = now() where use = ${use} and epoch = ${epoch}`;
      gone += 1;
    }
    return gone;
  });
}

async function isEpochUsed(tx: Statements, use: 'data' | 'second' | 'index', epoch: number): Promise<boolean> {
  const one =
    use === 'data'
      ? [tx`select 1 from vault.keyrings where epoch = ${epoch} limit 1`]
      : use === 'second'
        ? [tx`select 1 from vault.keyrings where second_epoch = ${epoch} limit 1`]
        : [
            tx`select 1 from vault.lookups where epoch = ${epoch} limit 1`,
            tx`select 1 from vault.unique_lookups where epoch = ${epoch} limit 1`,
          ];
  return (await Promise.all(one)).some(({ length }) => length > 0);
}

export async function findIdentity(db: Statements, name: string): Promise<Wrapped | null> {
  const [row] = await db<{ wrapped: Buffer; provider: string; key_id: string; key_version: string }[]>`
    select wrapped, provider, key_id, key_version from vault.identities where name = ${name}`;
  return row === undefined ? null : asWrapped(row);
}

/** Keeps the first that comes; read it back with `findIdentity`. */
export async function insertIdentity(db: Statements, name: string, wrapped: Wrapped): Promise<void> {
  await db`
    insert into vault.identities (name, wrapped, provider, key_id, key_version)
    values (${name}, ${Buffer.from(wrapped.blob)}, ${wrapped.provider}, ${wrapped.keyId}, ${wrapped.keyVersion})
    on conflict do nothing`;
}

export async function identityNames(db: Statements): Promise<string[]> {
  return (await db<{ name: string }[]>`select name from vault.identities order by name`).map(({ name }) => name);
}

/** Replaces the wrapping of the same bytes. */
export async function rewrapIdentity(db: Statements, name: string, wrapped: Wrapped): Promise<void> {
  await db`
    update vault.identities
    set wrapped = ${Buffer.from(wrapped.blob)}, provider = ${wrapped.provider}, key_id = ${wrapped.keyId}, key_version = ${wrapped.keyVersion}
    where name = ${name}`;
}

export type Numbers = Readonly<{
  collections: ReadonlyMap<string, number>;
  fields: ReadonlyMap<string, number>;
}>;

/** Gives each collection and field of the catalogue its number, keeping those given before. Keys of `fields`: `no/field`. */
export async function numberNames(db: Db, collections: ReadonlyMap<string, readonly string[]>): Promise<Numbers> {
  return transact(db, async (tx) => {
    await tx`lock table vault.collections in share row exclusive mode`;
    for (const [collection, fields] of collections) {
      await tx`
        insert into vault.collections (collection_no, collection)
        select coalesce(max(collection_no), 0) + 1, ${collection} from vault.collections
        on conflict (collection) do nothing`;
      await tx`
        insert into vault.fields (collection_no, field_no, field)
        select c.collection_no, coalesce((select max(field_no) from vault.fields f where f.collection_no = c.collection_no), 0) + n, name
        from vault.collections c, unnest(${[...fields]}::text[]) with ordinality as new (name, n)
        where c.collection = ${collection}
          and not exists (select from vault.fields f where f.collection_no = c.collection_no and f.field = name)`;
    }
    const numbered = await tx<
      { collection: string; collection_no: number }[]
    >`select collection, collection_no from vault.collections`;
    const named = await tx<
      { collection_no: number; field: string; field_no: number }[]
    >`select collection_no, field, field_no from vault.fields`;
    return {
      collections: new Map(numbered.map((row) => [row.collection, row.collection_no])),
      fields: new Map(named.map((row) => [`${row.collection_no}/${row.field}`, row.field_no])),
    };
  });
}

/** Epochs that rings stand under: `data/1`, `second/1`. */
export async function epochsOfRings(db: Statements): Promise<string[]> {
  const rows = await db<{ epoch: string }[]>`
    select distinct 'data/' || epoch as epoch from vault.keyrings
    union select distinct 'second/' || second_epoch from vault.keyrings where second_epoch is not null`;
  return rows.map(({ epoch }) => epoch);
}
