/** Field encryption by others, each as its own documentation says to use it. */
import { randomBytes } from 'node:crypto';

import type { Peers } from '../peers.ts';
import type { Missing } from '../row.ts';

export type Peer = Readonly<{ name: string; once: (value: string) => Promise<void>; atLeast: number }>;

type Ciphersweet = {
  CipherSweet: new (keys: object, backend: object) => object;
  StringProvider: new (key: string) => object;
  EncryptedField: {
    build: (
      engine: object,
      table: string,
      field: string,
    ) => Promise<{
      encryptValue: (value: string, bound: string) => Promise<string>;
      decryptValue: (box: string, bound: string) => Promise<string>;
    }>;
  };
} & Record<'BoringCrypto' | 'FIPSCrypto' | 'ModernCrypto', new () => object>;

/** Its three ways to encrypt: BoringCrypto is its default, FIPSCrypto the one with AES, ModernCrypto the first. */
export async function ciphersweet(peers: Peers, missing: Missing[]): Promise<Peer[]> {
  const found = peers.load('ciphersweet-js', missing) as Ciphersweet | null;
  if (found === null) return [];
  const made: Peer[] = [];
  for (const backend of ['BoringCrypto', 'FIPSCrypto', 'ModernCrypto'] as const) {
    const engine = new found.CipherSweet(
      new found.StringProvider(randomBytes(32).toString('hex')),
      new found[backend](),
    );
    const field = await found.EncryptedField.build(engine, 'customer', 'email');
    made.push({
      name: `ciphersweet-js, ${backend}`,
      once: async (value) => {
        const opened = await field.decryptValue(await field.encryptValue(value, 'record'), 'record');
        if (String(opened) !== value) throw new Error('what was encrypted did not come back');
      },
      atLeast: 5,
    });
  }
  return made;
}

type Materials = object;
type AwsSdk = {
  RawAesKeyringNode: new (options: object) => Materials;
  RawAesWrappingSuiteIdentifier: Record<string, number>;
  NodeCachingMaterialsManager: new (options: object) => Materials;
  getLocalCryptographicMaterialsCache: (entries: number) => object;
  CommitmentPolicy: Record<string, unknown>;
  buildClient: (policy: unknown) => {
    encrypt: (from: Materials, value: Buffer, options: object) => Promise<{ result: Buffer }>;
    decrypt: (from: Materials, box: Buffer) => Promise<{ plaintext: Buffer }>;
  };
};

/** Data keys cached, so that none is asked for while the clock runs; default suite (committing, signed). */
export async function awsEncryptionSdk(peers: Peers, missing: Missing[]): Promise<Peer[]> {
  const found = peers.load('@aws-crypto/client-node', missing) as AwsSdk | null;
  if (found === null) return [];
  const keyring = new found.RawAesKeyringNode({
    keyName: 'bench', keyNamespace: 'bench', unencryptedMasterKey: randomBytes(32),
    wrappingSuite: found.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  }); // prettier-ignore
  const cached = new found.NodeCachingMaterialsManager({
    backingMaterials: keyring, cache: found.getLocalCryptographicMaterialsCache(100), maxAge: 3_600_000, maxMessagesEncrypted: 2 ** 31,
  }); // prettier-ignore
  const { encrypt, decrypt } = found.buildClient(found.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  return [
    {
      name: 'AWS Encryption SDK, cached',
      once: async (value) => {
        const plain = Buffer.from(value);
        const options = { plaintextLength: plain.length, encryptionContext: { record: 'record' } };
        const { plaintext } = await decrypt(cached, (await encrypt(cached, plain, options)).result);
        if (plaintext.toString() !== value) throw new Error('what was encrypted did not come back');
      },
      atLeast: 30,
    },
  ];
}
