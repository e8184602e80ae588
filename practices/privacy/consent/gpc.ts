/**
 * Global Privacy Control: whether a request carries the signal.
 * Source: W3C Global Privacy Control §3 (`Sec-GPC: 1`, and no other value means anything)
 */

/**
 * True iff some `Sec-GPC` header has exactly the value `1`.
 * @param rawHeaders as Node gives them: name, value, name, value …; trailers are never among them
 */
export function hasGpc(rawHeaders: readonly string[]): boolean {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === 'sec-gpc' && rawHeaders[at + 1] === '1') return true;
  return false;
}
