/**
 * Two people for what one alone must not do. Who holds several keys is one person; and once there are people, a key that
 * nobody stands behind is nobody's second pair of eyes, since it may be the first one's too.
 *
 * Source: NIST SP 800-53 AC-3(2), dual authorization
 */
export type Acting = Readonly<{ id: string; person?: string | undefined }>;

/** Two keys of one person are one who acts. */
export const whoActs = ({ id, person }: Acting): string => person ?? id;

/**
 * @param first who acted before, as `whoActs` named them; null where `by` is the first of two
 * @param arePeople whether anybody can sign in
 * @returns null where `by` may act
 */
export async function whyNotOneOfTwo(
  by: Acting,
  first: string | null,
  arePeople: () => Promise<boolean>,
): Promise<'same person' | 'no person' | null> {
  if (first === whoActs(by)) return 'same person';
  return by.person === undefined && (await arePeople()) ? 'no person' : null;
}
