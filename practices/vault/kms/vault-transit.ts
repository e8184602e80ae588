/**
 * A root key in HashiCorp Vault's or OpenBao's transit engine, by plain fetch.
 *
 * The context travels as `associated_data`. Key types without it, and engines that do not know it, would ignore it in
 * silence; so opening tries a wrong context once and insists on being refused.
 * Source: Vault API, secret/transit (encrypt, decrypt, keys, rotate)
 */
import { randomBytes } from 'node:crypto';

import { lengthPrefixed, type Secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { kmsFailure } from './failures.ts';
import { MAX_WRAP_BYTES, type Kms, type KmsContext } from './kms.ts';
import { contextBytes } from './root-wrap.ts';
import { transitCall, type TransitCall } from './transit-call.ts';

const PROVIDER = 'vault-transit';
const AEAD_TYPES = new Set(['aes256-gcm96', 'aes128-gcm96', 'chacha20-poly1305']);
const CONTEXT_LABEL = 'strongroom/kms/context/1';

export type VaultTransitNeeds = Readonly<{ token?: () => Secret<string> | null; timeoutMs?: number }>;

/**
 * @param place `https://<host>/<mount>/<key>`, with `?namespace=<name>` where there is one; http only to loopback
 * @throws KMS_SETTING_MALFORMED, KMS_KEY_MISSING, KMS_DENIED, KMS_UNREACHABLE, KMS_ANSWER_MALFORMED
 */
export async function openVaultTransitKms(place: string, { token, timeoutMs = 5000 }: VaultTransitNeeds): Promise<Kms> {
  const { address, mount, key, namespace } = parsePlace(place);
  const keyId = `${mount}/${key}`;
  const call = transitCall({ address, mount, namespace, token: token ?? (() => null), timeoutMs });
  let closed = false;
  const whileOpen = (): void => {
    if (closed) throw kmsFailure('CLOSED');
  };

  const kms: Kms = {
    provider: PROVIDER,
    wrap: async (bytes, context) => {
      whileOpen();
      if (bytes.byteLength === 0) throw kmsFailure('EMPTY');
      if (bytes.byteLength > MAX_WRAP_BYTES) throw kmsFailure('BLOB_TOO_LARGE');
      const found = await call('POST', `encrypt/${key}`, {
        plaintext: Buffer.from(bytes).toString('base64'),
        associated_data: associated(context),
      });
      const [, keyVersion, text] = /^vault:v([1-9]\d{0,8}):([A-Za-z0-9+/=]+)$/.exec(String(found.ciphertext)) ?? [];
      if (keyVersion === undefined || text === undefined) throw kmsFailure('ANSWER_MALFORMED');
      return { blob: Buffer.from(text, 'base64'), provider: PROVIDER, keyId, keyVersion };
    },
    unwrap: async (wrapped, context) => {
      whileOpen();
      if (wrapped.provider !== PROVIDER || wrapped.keyId !== keyId) throw kmsFailure('WRONG_KEY');
      if (!/^[1-9]\d{0,8}$/.test(wrapped.keyVersion)) throw kmsFailure('WRONG_KEY');
      const found = await call('POST', `decrypt/${key}`, {
        ciphertext: `vault:v${wrapped.keyVersion}:${Buffer.from(wrapped.blob).toString('base64')}`,
        associated_data: associated(context),
      });
      if (typeof found.plaintext !== 'string') throw kmsFailure('ANSWER_MALFORMED');
      return Buffer.from(found.plaintext, 'base64');
    },
    describe: async () => {
      whileOpen();
      const { latest, exportable } = await readKey(call, key);
      return {
        provider: PROVIDER,
        keyId,
        keyVersion: latest,
        protection: exportable
          ? 'the transit key is exportable or may be backed up in clear: it can leave Vault by its policy'
          : 'the root key does not leave Vault; whoever has our token can use it while the token lives',
        destruction: `raise min_decryption_version and min_encryption_version of ${key}, then write its trim; raising alone can be undone`,
      };
    },
    rotate: async () => {
      whileOpen();
      await call('POST', `keys/${key}/rotate`, {});
      return (await readKey(call, key)).latest;
    },
    health: async () => {
      whileOpen();
      await provesContext(kms);
    },
    close: async () => {
      closed = true;
    },
  };
  // encrypting makes a missing key where the token may create one: ask for the key first
  await readKey(call, key);
  await provesContext(kms);
  return kms;
}

/** A round trip, and one with another context that must fail. */
async function provesContext(kms: Kms): Promise<void> {
  const probe = randomBytes(32);
  const wrapped = await kms.wrap(probe, { probe: 'right' });
  if (!probe.equals(await kms.unwrap(wrapped, { probe: 'right' }))) throw kmsFailure('ANSWER_MALFORMED');
  const ignored = await kms.unwrap(wrapped, { probe: 'wrong' }).then(
    () => true,
    (error: unknown) => {
      if (isFailure(error, 'KMS_WRONG_CONTEXT')) return false;
      throw error;
    },
  );
  if (ignored) {
    throw kmsFailure('ANSWER_MALFORMED', {
      detail: 'this transit engine does not authenticate associated_data',
      hint: 'use a key of type aes256-gcm96 on Vault 1.9 or OpenBao 2, or newer',
    });
  }
}

async function readKey(call: TransitCall, key: string): Promise<{ latest: string; exportable: boolean }> {
  const found = await call('GET', `keys/${key}`);
  if (!AEAD_TYPES.has(String(found.type)) || found.derived === true) {
    throw kmsFailure('SETTING_MALFORMED', {
      detail: 'this transit key cannot authenticate a context',
      hint: 'make a key of type aes256-gcm96, not derived',
    });
  }
  if (!Number.isInteger(found.latest_version)) throw kmsFailure('ANSWER_MALFORMED');
  const exportable = found.exportable === true || found.allow_plaintext_backup === true;
  return { latest: String(found.latest_version), exportable };
}

const associated = (context: KmsContext): string =>
  lengthPrefixed(CONTEXT_LABEL, contextBytes(context)).toString('base64');

function parsePlace(place: string): { address: string; mount: string; key: string; namespace: string | null } {
  const url = URL.canParse(place) ? new URL(place) : null;
  const parts = url?.pathname.split('/').filter((part) => part !== '') ?? [];
  const key = parts.pop();
  const loopback = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url === null || !safe || url.username !== '' || url.password !== '' || key === undefined || parts.length === 0) {
    throw kmsFailure('SETTING_MALFORMED', {
      detail: 'vault-transit: takes an https address with mount and key',
      hint: 'vault-transit:https://<host>:8200/<mount>/<key>; plain http only to this machine, and never a token in it',
    });
  }
  if (![key, ...parts].every((part) => /^[\w.-]+$/.test(part))) throw kmsFailure('SETTING_MALFORMED');
  return { address: url.origin, mount: parts.join('/'), key, namespace: url.searchParams.get('namespace') };
}
