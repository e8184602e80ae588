/** Whom backups are sealed to from now on; what is sealed stays so. */
import type { AuditEvent } from '#platform/audit';
import type { Db } from '#platform/db';

import type { Who } from './backups.ts';
import { backupsFailure } from './failures.ts';
import { recipientFingerprint } from './keys/identity.ts';
import { isHybrid } from './sealing/age-file.ts';
import {
  addRecipient,
  livingRecipients,
  provenRecipient,
  retireRecipient,
  type RecipientRow,
} from './store/recipients.ts';

type Needs = Readonly<{
  db: Db;
  tell: (action: string, actor: Who, detail: AuditEvent['detail']) => Promise<unknown>;
}>;

export function recipientsOf({ db, tell }: Needs) {
  return {
    /** @throws BACKUPS_RECIPIENT_MALFORMED, BACKUPS_RECIPIENT_OFFLINE */
    trust: async (who: Who, recipient: string, kind: 'offline' | 'drill'): Promise<string> => {
      if (!isHybrid(recipient)) throw backupsFailure('RECIPIENT_MALFORMED');
      const isOffline = (each: RecipientRow): boolean => each.recipient === recipient && each.kind === 'offline';
      if (kind === 'drill' && (await livingRecipients(db)).some(isOffline)) throw backupsFailure('RECIPIENT_OFFLINE');
      const fingerprint = recipientFingerprint(recipient);
      await addRecipient(db, { recipient, fingerprint, kind, added_by: who.id });
      await tell('backups.trust', who, { fingerprint, kind });
      return fingerprint;
    },
    retire: async (who: Who, fingerprint: string): Promise<boolean> => {
      const done = await retireRecipient(db, fingerprint);
      if (done) await tell('backups.retire', who, { fingerprint });
      return done;
    },
    /** Somebody has shown that the shares of this recipient make its identity. */
    proven: async (who: Who, fingerprint: string): Promise<boolean> => {
      const done = await provenRecipient(db, fingerprint);
      if (done) await tell('backups.prove', who, { fingerprint });
      return done;
    },
  };
}
