import { failures } from '#platform/failure';

/** What a key provider refuses. Messages name providers, ids and sizes, never key bytes, a PIN or a token. */
export const kmsFailure = failures('KMS', {
  UNREACHABLE: { status: 503, says: 'the key provider does not answer', hint: 'check its address and the network, then try again' },
  DENIED: { status: 503, says: 'the key provider refused our credentials', hint: 'check the credentials and the policy of the key' },
  WRONG_KEY: { status: 500, says: 'this blob was wrapped by another key', hint: 'point STRONGROOM_KMS at the key this database was made with' },
  WRONG_CONTEXT: { status: 500, says: 'this blob is damaged or was wrapped for another context', hint: 'restore the row from a backup; a blob opens only for what it was wrapped for' },
  BLOB_TOO_LARGE: { status: 500, says: 'a key provider wraps at most 4,096 bytes', hint: 'wrap a key, and seal the content with that key' },
  EMPTY: { status: 500, says: 'there is nothing to wrap', hint: 'wrap at least one byte' },
  CLOSED: { status: 503, says: 'this key provider has been closed', hint: 'open it again' },
  UNKNOWN_PROVIDER: { status: 500, says: 'there is no such key provider', hint: 'use file:, pkcs11:, aws-kms: or vault-transit:' },
  KEY_DESTROYED: { status: 410, says: 'this key version has been destroyed', hint: 'what it wrapped cannot be opened any more; that is the purpose' },
  FILE_DAMAGED: { status: 500, says: 'the root key file is damaged', hint: 'restore the file from its custody copy' },
  PASSPHRASE_WRONG: { status: 500, says: 'the passphrase does not open the root key file', hint: 'give the passphrase the file was made with' },
  PKCS11_MISSING: { status: 500, says: 'the PKCS#11 binding is not installed', hint: 'npm install pkcs11js@2, which needs a C++ compiler' },
});
