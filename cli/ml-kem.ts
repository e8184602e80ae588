/** ML-KEM-768 of Node itself: WebCrypto's is still announced as experimental, with a warning on every run. */
import { createPublicKey, encapsulate } from 'node:crypto';

import type { MlKem768Encapsulate } from '@strongroom/sdk';

/** DER before a raw key of 1,184 bytes: SubjectPublicKeyInfo with id-alg-ml-kem-768 (RFC 9935 §4). */
const SPKI = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');

export const mlKem768: MlKem768Encapsulate = (publicKey) => {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  const { ciphertext, sharedKey } = encapsulate(key);
  return { ciphertext, sharedSecret: sharedKey };
};
