/** The review of fields, as server/compose.ts wires it: what it applies becomes a proposal of the catalogue. */
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import { createReview, editCatalog, versionEvent, type FieldReview } from '#practices/collection';
import type { Vault } from '#practices/vault';

import type { Collection } from './open-collection.ts';

export function openReview(
  needs: Readonly<{ db: Db; audit: Audit; clock: () => Date; collection: Collection; vault: Vault }>,
): FieldReview {
  const { audit, collection, vault } = needs;
  return createReview({
    ...needs,
    catalog: collection.catalog.current,
    vault: vault.retention,
    proposeEdit: async ({ actor, requestId }, edit, note) => {
      const active = await collection.versions.get('active');
      const document = editCatalog(active.document, edit);
      if (document === null) return null;
      const { kind, id, role } = actor;
      const { version } = await collection.versions.propose(
        actor,
        { document, note: `${edit.collection}.${edit.field}: ${note}`, basedOn: active.id },
        (tx, made, more) => audit.appendIn(tx, versionEvent('propose', { kind, id, role }, made, { requestId, more })),
      );
      return version.id;
    },
  });
}
