/**
 * The part of `pkcs11js` that we call. The package compiles native code, so it is never a dependency: who has a token
 * installs it beside us.
 * Source: PKCS#11 v2.40 base specification (OASIS); names and numbers are its own
 */
import { kmsFailure } from './failures.ts';

export type Handle = Buffer;
export type Attribute = Readonly<{ type: number; value?: number | boolean | string | Buffer }>;
export type GcmMechanism = Readonly<{
  mechanism: number;
  parameter: Readonly<{ type: number; iv: Buffer; ivBits: number; aad: Buffer; tagBits: number }>;
}>;

export type Pkcs11 = {
  load: (path: string) => void;
  C_Initialize: (options: { flags: number }) => void;
  C_GetSlotList: (tokenPresent: boolean) => Handle[];
  C_GetTokenInfo: (slot: Handle) => { label: string };
  C_OpenSession: (slot: Handle, flags: number) => Handle;
  C_CloseSession: (session: Handle) => void;
  C_Login: (session: Handle, user: number, pin: string) => void;
  C_FindObjectsInit: (session: Handle, template: readonly Attribute[]) => void;
  C_FindObjects: (session: Handle, most: number) => Handle[];
  C_FindObjectsFinal: (session: Handle) => void;
  C_GetAttributeValue: (
    session: Handle,
    key: Handle,
    template: readonly Attribute[],
  ) => { type: number; value: Buffer }[];
  C_GenerateKey: (session: Handle, mechanism: { mechanism: number }, template: readonly Attribute[]) => Handle;
  C_DestroyObject: (session: Handle, object: Handle) => void;
  C_EncryptInit: (session: Handle, mechanism: GcmMechanism, key: Handle) => void;
  C_EncryptAsync: (session: Handle, input: Buffer, output: Buffer) => Promise<Buffer>;
  C_DecryptInit: (session: Handle, mechanism: GcmMechanism, key: Handle) => void;
  C_DecryptAsync: (session: Handle, input: Buffer, output: Buffer) => Promise<Buffer>;
};

/** Numbers of the specification, but for the last: the binding's own tag of a parameter. */
export const CK = {
  CKA_CLASS: 0x0,
  CKA_TOKEN: 0x1,
  CKA_PRIVATE: 0x2,
  CKA_LABEL: 0x3,
  CKA_VALUE: 0x11,
  CKA_KEY_TYPE: 0x100,
  CKA_ID: 0x102,
  CKA_SENSITIVE: 0x103,
  CKA_ENCRYPT: 0x104,
  CKA_DECRYPT: 0x105,
  CKA_WRAP: 0x106,
  CKA_UNWRAP: 0x107,
  CKA_SIGN: 0x108,
  CKA_DERIVE: 0x10c,
  CKA_VALUE_LEN: 0x161,
  CKA_EXTRACTABLE: 0x162,
  CKA_NEVER_EXTRACTABLE: 0x164,
  CKF_OS_LOCKING_OK: 0x2,
  CKF_RW_SESSION: 0x2,
  CKF_SERIAL_SESSION: 0x4,
  CKK_AES: 0x1f,
  CKM_AES_KEY_GEN: 0x1080,
  CKM_AES_GCM: 0x1087,
  CKO_SECRET_KEY: 0x4,
  CKU_USER: 1,
} as const;

export type Pkcs11Binding = Readonly<{ create: () => Pkcs11; gcmParameter: number }>;

/** @throws KMS_PKCS11_MISSING */
export async function loadPkcs11(): Promise<Pkcs11Binding> {
  // a variable, so that nothing looks for the package before it is wanted
  const name: string = 'pkcs11js';
  try {
    const { default: binding } = (await import(name)) as {
      default: { PKCS11: new () => Pkcs11; CK_PARAMS_AES_GCM: number };
    };
    return { create: () => new binding.PKCS11(), gcmParameter: binding.CK_PARAMS_AES_GCM };
  } catch (cause) {
    throw kmsFailure('PKCS11_MISSING', { cause });
  }
}

/** The name of a return value, such as `CKR_PIN_INCORRECT`; empty for what is none. */
export function returnValueOf(error: unknown): string {
  return /CKR_[A-Z0-9_]+/.exec(error instanceof Error ? error.message : '')?.[0] ?? '';
}
