import { failures } from '#platform/failure';

/** What a key provider refuses. Messages name providers, ids and sizes, never key bytes, a PIN or a token. */
export const kmsFailure = failures('KMS', {
  UNREACHABLE: {
    status: 503,
    says: 'the key provider does not answer',
    hint: 'check its address and the network, then try again',
  },
  DENIED: {
    status: 503,
    says: 'the key provider refused our credentials',
    hint: 'check the credentials and the policy of the key',
  },
  WRONG_KEY: {
    status: 500,
    says: 'this blob was wrapped by another key',
    hint: 'point STRONGROOM_KMS at the key this database was made with',
  },
  WRONG_CONTEXT: {
    status: 500,
    says: 'this blob is damaged or was wrapped for another context',
    hint: 'restore the row from a backup; a blob opens only for what it was wrapped for',
  },
  BLOB_TOO_LARGE: {
    status: 500,
    says: 'a key provider wraps at most 4,096 bytes',
    hint: 'wrap a key, and seal the content with that key',
  },
  EMPTY: { status: 500, says: 'there is nothing to wrap', hint: 'wrap at least one byte' },
  CLOSED: { status: 503, says: 'this key provider has been closed', hint: 'open it again' },
  UNKNOWN_PROVIDER: {
    status: 500,
    says: 'there is no such key provider',
    hint: 'use file:, pkcs11:, aws-kms: or vault-transit:',
  },
  SETTING_MALFORMED: {
    status: 500,
    says: 'the setting of the key provider is malformed',
    hint: 'see docs/adr/0006-kms-providers.md for the form of each provider',
  },
  ANSWER_MALFORMED: {
    status: 503,
    says: 'the key provider gave an answer that makes no sense',
    hint: 'check that the address is that of the key provider, and its version',
  },
  KEY_MISSING: {
    status: 500,
    says: 'the key provider has no such key',
    hint: 'make the key there first, or correct its name in the setting',
  },
  KEY_DESTROYED: {
    status: 410,
    says: 'this key version has been destroyed',
    hint: 'what it wrapped cannot be opened any more; that is the purpose',
  },
  NEWEST_VERSION: {
    status: 409,
    says: 'the newest key version wraps, and is not destroyed',
    hint: 'rotate and rewrap first; the whole key is destroyed with the own tool of its provider',
  },
  FILE_EXISTS: {
    status: 409,
    says: 'there is a root key file already',
    hint: 'open it, or choose another path; a root key is never overwritten',
  },
  ROOT_MISSING: {
    status: 503,
    says: 'the root key file is missing',
    hint: 'put it back from its backup, or mount its disk: without it nothing that was sealed can be opened, and none was made in its place',
  },
  FILE_BUSY: {
    status: 503,
    says: 'another process is changing the root key file',
    hint: 'wait until it has finished, then try again',
  },
  FILE_DAMAGED: { status: 500, says: 'the root key file is damaged', hint: 'restore the file from its custody copy' },
  PASSPHRASE_MISSING: {
    status: 503,
    says: 'the root key file is protected by a passphrase',
    hint: 'set STRONGROOM_ROOT_PASSPHRASE, or STRONGROOM_ROOT_PASSPHRASE_SECOND for the second root',
  },
  PASSPHRASE_WEAK: {
    status: 400,
    says: 'this passphrase is too short to protect a root key',
    hint: 'use at least 15 characters; six random words are better',
  },
  PASSPHRASE_WRONG: {
    status: 503,
    says: 'the passphrase does not open the root key file',
    hint: 'give the passphrase the file was made with',
  },
  PASSPHRASE_UNUSED: {
    status: 500,
    says: 'a passphrase was given, but the root key file is not protected by one',
    hint: 'protect the file with it, or take the passphrase away',
  },
  SHARES_UNFIT: {
    status: 400,
    says: 'these shares do not make the key',
    hint: 'bring as many different, undamaged shares of one set as its threshold says',
  },
  PKCS11_MISSING: {
    status: 500,
    says: 'the PKCS#11 binding is not installed',
    hint: 'npm install pkcs11js@2, which needs a C++ compiler',
  },
});
