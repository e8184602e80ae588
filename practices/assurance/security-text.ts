/** security.txt: RFC 9116 §2.5. Past its day it is not served: whom it names may not be there any more. */
export type SecurityContact = Readonly<{
  contacts: readonly string[] | null;
  expires: Date | null;
  policy: string | null;
  /** Where this is served to others; null: it is not said. */
  origin: string | null;
}>;

/** @returns null where nobody set it, or its day is over */
export function securityText({ contacts, expires, policy, origin }: SecurityContact, now: Date): string | null {
  if (contacts === null || expires === null || expires <= now) return null;
  return [
    ...contacts.map((each) => `Contact: ${each}`),
    `Expires: ${expires.toISOString()}`,
    'Preferred-Languages: en',
    ...(origin?.startsWith('https://') === true ? [`Canonical: ${new URL('/.well-known/security.txt', origin).href}`] : []),
    ...(policy === null ? [] : [`Policy: ${policy}`]),
    '',
  ].join('\n');
} // prettier-ignore
