/**
 * Project Wycheproof against the primitives as they are used here. Each test asserts how many vectors ran, so that an
 * empty or shortened file cannot pass. Known refusals are listed one by one, with the reason.
 */
import assert from 'node:assert/strict';
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  decapsulate,
  diffieHellman,
  verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { FF1 } from '@noble/ciphers/ff1.js';
import sodium from 'sodium-native';

import { equal, hkdfSha256, hmacSha256 } from '#platform/crypto';

type Vector = Readonly<{
  tcId: number;
  comment: string;
  flags: readonly string[];
  result: 'valid' | 'invalid' | 'acceptable';
}>;
type Group<V, G> = G & Readonly<{ tests: readonly (Vector & V)[] }>;
type Texts<K extends string> = Readonly<Record<K, string>>;

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const der = (prefix: string, raw: string): Buffer => hex(prefix + raw);

function groups<V, G = unknown>(file: string): readonly Group<V, G>[] {
  const url = new URL(`../../vectors/wycheproof/${file}_test.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { testGroups: Group<V, G>[] }).testGroups;
}
/** Runs every vector; gives the number that ran and the ids of those for which `holds` said no. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the file's shape is what the caller knows
function run<V, G = unknown>(
  file: string,
  holds: (vector: Vector & V, group: G) => boolean,
): { ran: number; failed: number[] } {
  let ran = 0;
  const failed: number[] = [];
  for (const group of groups<V, G>(file)) {
    for (const vector of group.tests) {
      ran += 1;
      if (!holds(vector, group)) failed.push(vector.tcId);
    }
  }
  return { ran, failed };
}
/** The result, or null when it was refused. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
const same = (got: Uint8Array | null, expected: string): boolean => got !== null && equal(got, hex(expected));

test('AES-GCM of node:crypto with key objects', () => {
  type V = Texts<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag'>;
  const result = run<V, { keySize: number }>(
    'aes_gcm',
    ({ key, iv, aad, msg, ct, tag, result: expected }, { keySize }) => {
      const name = `aes-${keySize as 128 | 192 | 256}-gcm` as const;
      const secret = createSecretKey(hex(key));
      const opened = attempt(() => {
        const decipher = createDecipheriv(name, secret, hex(iv), { authTagLength: 16 });
        decipher.setAAD(hex(aad)).setAuthTag(hex(tag));
        return Buffer.concat([decipher.update(hex(ct)), decipher.final()]);
      });
      if (expected === 'invalid') return opened === null;
      const sealed = attempt(() => {
        const cipher = createCipheriv(name, secret, hex(iv), { authTagLength: 16 });
        cipher.setAAD(hex(aad));
        return Buffer.concat([cipher.update(hex(msg)), cipher.final(), cipher.getAuthTag()]);
      });
      return same(opened, msg) && same(sealed, ct + tag);
    },
  );
  const longIvs = groups<V, { ivSize: number }>('aes_gcm')
    .filter(({ ivSize }) => ivSize > 1024)
    .flatMap(({ tests }) => tests.map(({ tcId }) => tcId));

  assert.equal(result.ran, 316);
  // OpenSSL takes IVs up to 128 bytes; we only ever use 12. Refused, not wrong.
  assert.deepEqual(result.failed, longIvs);
  assert.equal(longIvs.length, 3);
});

test('XChaCha20-Poly1305 of libsodium, and of its readable twin', () => {
  type V = Texts<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag'>;
  const libsodium = run<V>('xchacha20_poly1305', ({ key, iv, aad, msg, ct, tag, result: expected }) => {
    const sealed = hex(ct + tag);
    const plain = Buffer.alloc(hex(ct).length);
    const more = aad === '' ? null : hex(aad);
    const opened = attempt(() => {
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed, more, hex(iv), hex(key));
      return plain;
    });
    if (expected === 'invalid') return opened === null;
    const box = Buffer.alloc(hex(msg).length + 16);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(box, hex(msg), more, null, hex(iv), hex(key));
    return same(opened, msg) && same(box, ct + tag);
  });
  const noble = run<V>('xchacha20_poly1305', ({ key, iv, aad, msg, ct, tag, result: expected }) => {
    const opened = attempt(() => xchacha20poly1305(hex(key), hex(iv), hex(aad)).decrypt(hex(ct + tag)));
    return expected === 'invalid'
      ? opened === null
      : same(opened, msg) && same(xchacha20poly1305(hex(key), hex(iv), hex(aad)).encrypt(hex(msg)), ct + tag);
  });

  assert.deepEqual(libsodium, { ran: 315, failed: [] });
  assert.deepEqual(noble, { ran: 315, failed: [] });
});

/** What must hold before the bytes reach OpenSSL (RFC 3394 §2: two blocks of 8 bytes or more). */
const wrapSizeFits = (size: number, kind: 'plain' | 'wrapped'): boolean =>
  size % 8 === 0 && size >= (kind === 'plain' ? 16 : 24);

test('AES key wrap of node:crypto, once lengths are checked', () => {
  type V = Texts<'key' | 'msg' | 'ct'>;
  const one = (lengths: 'checked' | 'unchecked') =>
    run<V, { keySize: number }>('aes_wrap', ({ key, msg, ct, result: expected }, { keySize }) => {
      const name = `id-aes${keySize}-wrap`;
      const iv = Buffer.alloc(8, 0xa6);
      const unwrapped = attempt(() => {
        if (lengths === 'checked' && !wrapSizeFits(hex(ct).length, 'wrapped')) return null;
        const decipher = createDecipheriv(name, hex(key), iv);
        return Buffer.concat([decipher.update(hex(ct)), decipher.final()]);
      });
      if (expected === 'invalid') return unwrapped === null;
      // "acceptable" are wrapped 8-byte keys, which RFC 3394 has no need to take: right or refused, never wrong
      if (expected === 'acceptable') return unwrapped === null || same(unwrapped, msg);
      const cipher = createCipheriv(name, hex(key), iv);
      return (
        same(unwrapped, msg) &&
        wrapSizeFits(hex(msg).length, 'plain') &&
        same(Buffer.concat([cipher.update(hex(msg)), cipher.final()]), ct)
      );
    });

  assert.deepEqual(one('checked'), { ran: 165, failed: [] });
  // why the check is needed: OpenSSL alone unwraps an empty box to an empty key, 27 times
  assert.equal(one('unchecked').failed.length, 27);
});

test('AES key wrap with padding of node:crypto', () => {
  type V = Texts<'key' | 'msg' | 'ct'>;
  const result = run<V, { keySize: number }>('aes_kwp', ({ key, msg, ct, result: expected }, { keySize }) => {
    const name = `id-aes${keySize}-wrap-pad`;
    const iv = hex('a65959a6');
    const unwrapped = attempt(() => {
      if (hex(ct).length < 16 || hex(ct).length % 8 !== 0) return null;
      const decipher = createDecipheriv(name, hex(key), iv);
      return Buffer.concat([decipher.update(hex(ct)), decipher.final()]);
    });
    if (expected === 'invalid') return unwrapped === null;
    const cipher = createCipheriv(name, hex(key), iv);
    return same(unwrapped, msg) && same(Buffer.concat([cipher.update(hex(msg)), cipher.final()]), ct);
  });

  assert.deepEqual(result, { ran: 254, failed: [] });
});

test('HMAC-SHA-256, whole and truncated', () => {
  const result = run<Texts<'key' | 'msg' | 'tag'>, { tagSize: number }>(
    'hmac_sha256',
    ({ key, msg, tag, result: expected }, { tagSize }) => {
      const raw = hmacSha256(hex(key), hex(msg)).subarray(0, tagSize / 8);
      const object = hmacSha256(createSecretKey(hex(key)), hex(msg)).subarray(0, tagSize / 8);
      return equal(raw, object) && equal(raw, hex(tag)) === (expected === 'valid');
    },
  );

  assert.deepEqual(result, { ran: 174, failed: [] });
});

test('HKDF-SHA-256 by our own extract and expand', () => {
  const result = run<Texts<'ikm' | 'salt' | 'info' | 'okm'> & { size: number }>(
    'hkdf_sha256',
    ({ ikm, salt, info, size, okm, result: expected }) => {
      const made = attempt(() => hkdfSha256(hex(ikm), hex(salt), hex(info), size));
      return expected === 'invalid' ? made === null : same(made, okm);
    },
  );

  assert.deepEqual(result, { ran: 86, failed: [] });
});

test('Ed25519 verification', () => {
  const result = run<Texts<'msg' | 'sig'>, { publicKeyDer: string }>(
    'ed25519',
    ({ msg, sig, result: expected }, { publicKeyDer }) => {
      const key = createPublicKey({ key: hex(publicKeyDer), format: 'der', type: 'spki' });
      return (attempt(() => verify(null, hex(msg), key, hex(sig))) ?? false) === (expected === 'valid');
    },
  );

  assert.deepEqual(result, { ran: 151, failed: [] });
});

test('ML-DSA-44 verification', () => {
  // OpenSSL ignores bytes after a DER structure, so a raw key's length is checked before it is put into one
  const prefix = '30820532300b06096086480165030403110382052100';
  const result = run<Texts<'msg' | 'sig'> & { ctx?: string }, { publicKey: string }>(
    'mldsa_44_verify',
    ({ msg, sig, ctx, result: expected }, { publicKey }) => {
      const verified = attempt(() => {
        if (hex(publicKey).length !== 1312) return false;
        const key = createPublicKey({ key: der(prefix, publicKey), format: 'der', type: 'spki' });
        return verify(null, hex(msg), ctx === undefined ? key : { key, context: hex(ctx) }, hex(sig));
      });
      return (verified ?? false) === (expected === 'valid');
    },
  );

  assert.deepEqual(result, { ran: 180, failed: [] });
});

test('ML-KEM-768 decapsulation from a seed, with implicit rejection', () => {
  const result = run<Texts<'seed' | 'ek' | 'c' | 'K'>>('mlkem_768', ({ seed, ek, c, K, result: expected }) => {
    const got = attempt(() => {
      const key = createPrivateKey({
        key: der('3054020100300b060960864801650304040204428040', seed),
        format: 'der',
        type: 'pkcs8',
      });
      const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(22);
      return equal(publicKey, hex(ek)) ? decapsulate(key, hex(c)) : null;
    });
    return expected === 'valid' ? same(got, K) : got === null;
  });

  assert.deepEqual(result, { ran: 193, failed: [] });
});

test('X25519, where an all-zero secret is refused', () => {
  const result = run<Texts<'public' | 'private' | 'shared'>>('x25519', (vector) => {
    const made = attempt(() =>
      diffieHellman({
        privateKey: createPrivateKey({
          key: der('302e020100300506032b656e04220420', vector.private),
          format: 'der',
          type: 'pkcs8',
        }),
        publicKey: createPublicKey({
          key: der('302a300506032b656e032100', vector.public),
          format: 'der',
          type: 'spki',
        }),
      }),
    );
    return vector.flags.includes('ZeroSharedSecret') ? made === null : same(made, vector.shared);
  });

  assert.deepEqual(result, { ran: 518, failed: [] });
});

test('FF1 with radix 10, where keys and lengths fit', () => {
  type V = Texts<'key' | 'tweak'> & Readonly<{ msg: readonly number[]; ct: readonly number[] }>;
  const result = run<V>('aes_ff1_radix10', ({ key, tweak, msg, ct, result: expected }) => {
    const turned = attempt(() => {
      // our ff1.ts lets no shorter and no other digits in, so the cipher is asked only for what it is defined for
      if ([...msg, ...ct].some((digit) => !(digit >= 0 && digit < 10)) || msg.length < 2) return null;
      const cipher = FF1(10, Uint8Array.from(hex(key)), Uint8Array.from(hex(tweak)));
      return [cipher.encrypt([...msg]), cipher.decrypt([...ct])];
    });
    if (expected === 'invalid') return turned === null;
    return turned !== null && String(turned[0]) === String(ct) && String(turned[1]) === String(msg);
  });

  assert.equal(result.ran, 3845);
  assert.deepEqual(result.failed, []);
});
