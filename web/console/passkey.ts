/** The browser's part of a passkey, from JSON to JSON (WebAuthn Level 3 §5.1.8, §5.1.9). */
import { room } from './room.ts';

type Creation = Parameters<typeof PublicKeyCredential.parseCreationOptionsFromJSON>[0];
type Request = Parameters<typeof PublicKeyCredential.parseRequestOptionsFromJSON>[0];

export const hasPasskeys = (): boolean =>
  'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** @throws DOMException when nobody confirmed it */
export async function answerBy(options: object): Promise<never> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as Request);
  return ((await navigator.credentials.get({ publicKey })) as PublicKeyCredential).toJSON() as never;
}

/** @throws DOMException when nobody confirmed it */
export async function makePasskey(name: string): Promise<readonly string[] | null> {
  const options = (await room.passkeys.newOptions()) as object;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as Creation);
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  return (await room.passkeys.add(name, made.toJSON() as never)).recoveryCodes;
}
