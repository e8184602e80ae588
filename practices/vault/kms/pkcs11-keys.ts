/** The versions of a root key in a token: AES keys of one label, told apart by CKA_ID. */
import { kmsFailure } from './failures.ts';
import { CK, type Attribute, type Handle, type Pkcs11 } from './pkcs11-binding.ts';

export type KeyPlace = Readonly<{ pkcs11: Pkcs11; object: string }>;

const MAX_VERSIONS = 1000;

/** Newest last. @throws KMS_ANSWER_MALFORMED where two keys claim one version */
export function findVersions({ pkcs11, object }: KeyPlace, session: Handle): { version: string; key: Handle }[] {
  const found = find(pkcs11, session, [
    { type: CK.CKA_CLASS, value: CK.CKO_SECRET_KEY },
    { type: CK.CKA_KEY_TYPE, value: CK.CKK_AES },
    { type: CK.CKA_LABEL, value: object },
  ]).map((key) => {
    const [id] = pkcs11.C_GetAttributeValue(session, key, [{ type: CK.CKA_ID }]);
    return { number: Number.parseInt(id?.value.toString('hex') || '0', 16), key };
  });
  const numbers = new Set(found.map(({ number }) => number));
  if (numbers.size !== found.length || ![...numbers].every((number) => number >= 1 && number < 1e9)) {
    throw kmsFailure('ANSWER_MALFORMED', {
      detail: 'the keys of this label have no ids, or one twice',
      hint: 'give each key of the label its own CKA_ID, counting from 01',
    });
  }
  return found.toSorted((a, b) => a.number - b.number).map(({ number, key }) => ({ version: String(number), key }));
}

/** @returns the version. @throws KMS_ANSWER_MALFORMED where another process made the same one meanwhile */
export function generateVersion(place: KeyPlace, session: Handle, number: number): string {
  const { pkcs11, object } = place;
  const id = Buffer.from(number.toString(16).padStart(number < 256 ? 2 : 8, '0'), 'hex');
  const no = (...types: number[]): Attribute[] => types.map((type) => ({ type, value: false }));
  const key = pkcs11.C_GenerateKey(session, { mechanism: CK.CKM_AES_KEY_GEN }, [
    { type: CK.CKA_CLASS, value: CK.CKO_SECRET_KEY },
    { type: CK.CKA_KEY_TYPE, value: CK.CKK_AES },
    { type: CK.CKA_VALUE_LEN, value: 32 },
    { type: CK.CKA_LABEL, value: object },
    { type: CK.CKA_ID, value: id },
    ...[CK.CKA_TOKEN, CK.CKA_PRIVATE, CK.CKA_SENSITIVE, CK.CKA_ENCRYPT, CK.CKA_DECRYPT].map((type) => ({
      type,
      value: true,
    })),
    ...no(CK.CKA_EXTRACTABLE, CK.CKA_WRAP, CK.CKA_UNWRAP, CK.CKA_SIGN, CK.CKA_DERIVE),
  ]);
  try {
    findVersions(place, session);
  } catch (error) {
    // two processes rotated at once: neither key has wrapped anything, since both refuse while there are two
    pkcs11.C_DestroyObject(session, key);
    throw error;
  }
  return String(number);
}

/** True for a key that has never been outside the token and never can be. */
export function isLocked({ pkcs11 }: KeyPlace, session: Handle, key: Handle): boolean {
  const [sensitive, extractable, never] = pkcs11
    .C_GetAttributeValue(session, key, [
      { type: CK.CKA_SENSITIVE },
      { type: CK.CKA_EXTRACTABLE },
      { type: CK.CKA_NEVER_EXTRACTABLE },
    ])
    .map(({ value }) => value[0] === 1);
  return sensitive === true && extractable === false && never === true;
}

function find(pkcs11: Pkcs11, session: Handle, template: readonly Attribute[]): Handle[] {
  pkcs11.C_FindObjectsInit(session, template);
  try {
    return pkcs11.C_FindObjects(session, MAX_VERSIONS);
  } finally {
    pkcs11.C_FindObjectsFinal(session);
  }
}
