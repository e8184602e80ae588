/**
 * The keys that forms are sealed to: one is published, older ones still open what was sealed to them until no envelope
 * can be alive any more; then their secrets are deleted, and copies of envelopes are dead.
 *
 * INVARIANT: the public half is worked out from the secret that the root unwraps. What the database says is never
 * published: whoever can write there could put a key of his own in its place.
 * Source: docs/formats/sealed-intake.md §4
 */
import { createHash } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';
import { transact } from '#platform/db';

import { eventOf, requireAction, type Caller, type Core } from './core.ts';
import { identityContext } from './identities.ts';
import { intakeKeyId, MAX_LIFETIME_DAYS, SKEW_MS } from './intake.ts';
import { deleteIntakeKey, insertIntakeKey, intakeKeys, lockIntakeKeys, type IntakeKeyRow } from './store/intake.ts';
import { findIdentity, insertIdentity } from './store/keys.ts';
import { newXwingSeed, xwingFromSeed, type XwingSecretKey } from './xwing.ts';

export type PublishedIntakeKey = IntakeKeyRow &
  Readonly<{ /** 1,216 bytes */ publicKey: Uint8Array; fingerprint: string }>;

export type IntakeKeys = {
  /** The key to seal to; made when there is none, or when the newest has little time left. */
  published: () => Promise<PublishedIntakeKey>;
  /** Every secret that still opens envelopes. */
  accepted: () => Promise<XwingSecretKey[]>;
  /**
   * Publishes a new key at once.
   * @param others `keep`: what was sealed to older ones is still opened. `end`: their secrets are deleted now
   * @throws VAULT_DENIED
   */
  renew: (caller: Caller, others: 'keep' | 'end') => Promise<PublishedIntakeKey>;
  list: (caller: Caller) => Promise<IntakeKeyRow[]>;
  /** Deletes secrets whose time is over. */
  sweep: () => Promise<void>;
};

const DAY_MS = 86_400_000;
const SYSTEM = { kind: 'system', id: 'intake' } as const;

/** SHA-256 over a label and the public key, 64 hex digits; the key id is its first half. */
export const intakeFingerprint = (publicKey: Uint8Array): string =>
  createHash('sha256').update(lengthPrefixed('strongroom/intake-key/1', publicKey)).digest('hex');

const identityOf = (keyId: string): string => `intake/${keyId}`;

export function createIntakeKeys(core: Core): IntakeKeys {
  const open = new Map<string, XwingSecretKey>();
  const lifeMs = core.intakeDays * DAY_MS;
  /** A sender who fetches the key now must have time to use it. */
  const marginMs = Math.min(DAY_MS, lifeMs / 4);

  const secretOf = async ({ keyId }: IntakeKeyRow): Promise<XwingSecretKey | null> => {
    const known = open.get(keyId);
    if (known !== undefined) return known;
    const wrapped = await findIdentity(core.db, identityOf(keyId));
    if (wrapped === null) return null;
    const seed = await core.root.unwrap(wrapped, identityContext(core.installation, identityOf(keyId)));
    const secret = xwingFromSeed(seed);
    seed.fill(0);
    open.set(keyId, secret);
    return secret;
  };

  const living = async (): Promise<IntakeKeyRow[]> => {
    const now = core.clock();
    const rows = (await intakeKeys(core.db)).filter(({ acceptUntil }) => acceptUntil > now);
    // a key that is gone from the table is gone from memory, on every server that looks
    const here = new Set(rows.map(({ keyId }) => keyId));
    for (const keyId of open.keys()) if (!here.has(keyId)) open.delete(keyId);
    return rows;
  };

  const isDue = (newest: IntakeKeyRow | undefined): boolean =>
    newest === undefined || newest.publishUntil.getTime() - core.clock().getTime() < marginMs;

  const view = async (row: IntakeKeyRow): Promise<PublishedIntakeKey | null> => {
    const publicKey = (await secretOf(row))?.publicKey.bytes;
    return publicKey === undefined ? null : { ...row, publicKey, fingerprint: intakeFingerprint(publicKey) };
  };

  /** @param caller null: made because it was due, unless another server was faster */
  const make = async (caller: Caller | null, others: 'keep' | 'end'): Promise<PublishedIntakeKey> => {
    const seed = newXwingSeed();
    const secret = xwingFromSeed(seed);
    const publicKey = secret.publicKey.bytes;
    const keyId = intakeKeyId(publicKey).toString('hex');
    const wrapped = await core.root.wrap(seed, identityContext(core.installation, identityOf(keyId)));
    seed.fill(0);
    const made = await transact(core.db, async (tx) => {
      await lockIntakeKeys(tx);
      const rows = await intakeKeys(tx);
      if (caller === null && !isDue(rows[0])) return rows[0] as IntakeKeyRow;
      const now = core.clock();
      const publishUntil = new Date(now.getTime() + lifeMs);
      const acceptUntil = new Date(publishUntil.getTime() + MAX_LIFETIME_DAYS * DAY_MS + SKEW_MS);
      if (others === 'end') for (const row of rows) await deleteIntakeKey(tx, row.keyId, identityOf(row.keyId));
      await insertIdentity(tx, identityOf(keyId), wrapped);
      // in the log, so that who has the log can see that the key he was given is the one that everybody was given
      const event = {
        action: 'vault.intake.key', outcome: 'done',
        detail: { key: keyId, fingerprint: intakeFingerprint(publicKey), publishUntil: publishUntil.toISOString(), others },
      } as const; // prettier-ignore
      const entry = caller === null ? { ...event, actor: SYSTEM } : eventOf(caller, event);
      const row = {
        keyId,
        madeAt: now,
        publishUntil,
        acceptUntil,
        auditIndex: (await core.audit.appendIn(tx, entry)).index,
      };
      await insertIntakeKey(tx, row);
      return row;
    });
    return (await view(made)) as PublishedIntakeKey;
  };

  return {
    published: async () => {
      const [newest] = await living();
      const found = newest === undefined || isDue(newest) ? null : await view(newest);
      return found ?? (await make(null, 'keep'));
    },
    accepted: async () => {
      const secrets = await Promise.all((await living()).map(secretOf));
      return secrets.filter((each) => each !== null);
    },
    renew: async (caller, others) => {
      await requireAction(core, caller, { action: 'keys.rotate' });
      return make(caller, others);
    },
    list: async (caller) => {
      await requireAction(core, caller, { action: 'system.inspect' });
      return intakeKeys(core.db);
    },
    sweep: async () => {
      const now = core.clock();
      for (const { keyId, acceptUntil } of await intakeKeys(core.db)) {
        if (acceptUntil > now) continue;
        await transact(core.db, async (tx) => {
          await lockIntakeKeys(tx);
          if (!(await deleteIntakeKey(tx, keyId, identityOf(keyId)))) return;
          await core.audit.appendIn(tx, { action: 'vault.intake.key', actor: SYSTEM, outcome: 'done', detail: { key: keyId, ended: true } }); // prettier-ignore
        });
      }
      await living();
    },
  };
}
