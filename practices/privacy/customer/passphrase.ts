/**
 * A file that a passphrase opens, for a copy that leaves by mail: age v1 with an scrypt stanza; any age program opens it.
 * Source: C2SP age.md, "The scrypt recipient type"
 */
import { createCipheriv, randomBytes, scrypt } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** 64 MiB for each: the passphrase has at least 20 letters, and several copies may be made at once. */
const LOG_N = 16;
const LABEL = Buffer.from('age-encryption.org/v1/scrypt');
const derive = promisify(scrypt) as (pass: string, salt: Buffer, bytes: number, cost: object) => Promise<Buffer>;
const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** @param passphrase at least 20 letters: whoever has the file can try as long as they like */
export async function sealedByPassphrase(plain: AsyncIterable<Uint8Array>, passphrase: string): Promise<Readable> {
  const { Encrypter, Stanza } = await import('age-encryption');
  const encrypter = new Encrypter();
  // the library works its scrypt out in JavaScript and holds up everybody meanwhile; here a thread of its own does
  encrypter.addRecipient({
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(16);
      const cost = { N: 2 ** LOG_N, r: 8, p: 1, maxmem: 2 ** LOG_N * 1024 + 2 ** 20 };
      const key = await derive(passphrase, Buffer.concat([LABEL, salt]), 32, cost);
      const cipher = createCipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 });
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(['scrypt', base64(salt), String(LOG_N)], body)];
    },
  });
  const source = Readable.toWeb(Readable.from(plain, { objectMode: false })) as unknown as ReadableStream<Uint8Array>;
  return Readable.fromWeb(await encrypter.encrypt(source));
}
