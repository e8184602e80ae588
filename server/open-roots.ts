/** The providers of the two root keys: of every key ring, and of the second layer. */
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import { openKms, rootsInUse } from '#practices/vault';

type Kms = Awaited<ReturnType<typeof openKms>>;

/** @param onClose is given what closes each, as soon as it is open @throws KMS_… when keys were made under a root that is not there */
export async function openRoots(
  config: Config,
  db: Db,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<Readonly<{ first: Kms; second: Kms }>> {
  const inUse = await rootsInUse(db);
  const secrets = {
    pin: () => config.secret('STRONGROOM_PKCS11_PIN'),
    token: () => config.secret('STRONGROOM_VAULT_TOKEN'),
  };
  const first = await openKms(config.kms, {
    whenMissing: inUse.first ? 'refuse' : 'make',
    passphrase: () => config.secret('STRONGROOM_ROOT_PASSPHRASE'),
    ...secrets,
  });
  onClose(first.close);
  const second = await openKms(config.kmsSecond, {
    whenMissing: inUse.second ? 'refuse' : 'make',
    passphrase: () => config.secret('STRONGROOM_ROOT_PASSPHRASE_SECOND'),
    ...secrets,
  });
  onClose(second.close);
  return { first, second };
}
