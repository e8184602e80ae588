/** Addresses as bytes → text, in the one spelling of platform/networks: shortest IPv6 (RFC 5952), mapped IPv4 with dots. */

/** @param characters each a byte, as `latin1` gives them */
export function addressText(characters: string, from: number, length: number): string {
  const byte = (at: number): number => characters.charCodeAt(from + at) & 255;
  if (length === 4) return `${byte(0)}.${byte(1)}.${byte(2)}.${byte(3)}`;
  const groups = Array.from({ length: 8 }, (_, at) => (byte(at * 2) << 8) | byte(at * 2 + 1));
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0))
    return `${byte(12)}.${byte(13)}.${byte(14)}.${byte(15)}`;
  const [begins, ends] = longestZeros(groups);
  const text = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':');
  return ends - begins < 2 ? text(groups) : `${text(groups.slice(0, begins))}::${text(groups.slice(ends))}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly number[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  for (let at = 0; at < 8; at += 1) {
    let end = at;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - at > best[1] - best[0]) best = [at, end];
  }
  return best;
}
