/**
 * What another version of the catalogue means for what is stored: whether something would be orphaned, numbers for new
 * fields, an index to be made anew, and writers that began under the version before.
 */
import type { Statements } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId, uuidv7 } from '#platform/ids';

import type { Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { hasAttachments, hasField, hasRecords } from './store/parts.ts';
import { countRings, finishWork, startWork } from './store/works.ts';

/** A collection, one of its fields, or its attachments. */
export type Part = Readonly<{ collection: string; field: string | null; attachments?: true }>;

/** @returns those of which something is stored, the same objects; numbers come from the tables, for the catalogue is what changes */
export async function storedParts<P extends Part>(tx: Statements, parts: readonly P[]): Promise<readonly P[]> {
  const stored: P[] = [];
  for (const part of parts) {
    const { collection, field, attachments } = part;
    const found =
      attachments === true
        ? await hasAttachments(tx, collection)
        : field === null
          ? await hasRecords(tx, collection)
          : await hasField(tx, collection, field);
    if (found) stored.push(part);
  }
  return stored;
}

/**
 * In the transaction that changes the catalogue. One that runs already is ended: what it has gone over was indexed by the
 * catalogue before. @returns the work's public id
 */
export async function beginReindex(core: Pick<Core, 'audit' | 'clock'>, tx: Statements): Promise<string> {
  const total = await countRings(tx);
  const id = uuidv7(core.clock().getTime());
  const running = await startWork(tx, id, 'index', total, 'catalog');
  if (running.work_id !== id) {
    await finishWork(tx, running.work_id, 'failed', { code: 'VAULT_CATALOG_CHANGED', goesOnAs: publicId('work', id) });
    await startWork(tx, id, 'index', total, 'catalog');
  }
  const work = publicId('work', id);
  await core.audit.appendIn(tx, {
    action: 'vault.rotate',
    actor: { kind: 'system', id: 'catalog' },
    outcome: 'done',
    detail: { what: 'index', work, subjects: Number(total) },
  });
  return work;
}

const TRIES = 4;

/** INVARIANT: nothing that values are checked by is taken out of the catalogue before `work` begins. */
export async function underCatalog<T>(core: Core, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (!isFailure(thrown, 'VAULT_CATALOG_CHANGED') || attempt === TRIES) throw thrown;
      await core.refreshCatalog();
    }
  }
}

/**
 * In a writing transaction, before values are checked in it and before anything is stored: until it ends, no other version
 * becomes active. @throws VAULT_CATALOG_CHANGED when this server does not work by the one that holds
 */
export async function holdCatalog(core: Core, tx: Statements): Promise<void> {
  if (!(await core.isCatalogHeld(tx))) throw vaultFailure('CATALOG_CHANGED');
}
