/**
 * Who another program's log says it was. Whoever asks a web server may send any name: one that reads as an id of this system
 * would be taken for that key or person, and what was meant for an attacker would be done to them.
 */
const OURS = /^\s*(?:key|per|wkl|cus|sys|node|ses|sub)_/i;

type Named = Readonly<{ actor?: Readonly<{ user?: Readonly<{ uid: string }> }> }>;

export function asForeign<T extends Named>(told: T): T {
  const uid = told.actor?.user?.uid;
  if (uid === undefined || !OURS.test(uid)) return told;
  return { ...told, actor: { ...told.actor, user: { ...told.actor?.user, uid: `foreign:${uid}` } } };
}
