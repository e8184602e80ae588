/**
 * Whether a request that carries a cookie was made by this site's own pages.
 *
 * Sec-Fetch-Site is set by the browser and by nobody else; older browsers send Origin with what changes something. A
 * request that says neither is no browser's, and a program has a key. Source: OWASP CSRF, "Fetch Metadata"; ASVS 5.0 3.5.1
 */
type Headers = Readonly<Record<string, string | string[] | undefined>>;
export type SiteRules = Readonly<{
  /** Origin of the address that people type; null: whatever host they asked, on this scheme. */
  origin: string | null;
  secure: boolean;
}>;

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @param strictness `cookie`: the browser added who asks; `none`: nothing was added, so only what says otherwise is refused */
export function isOwnSite(
  { method, headers }: Readonly<{ method: string; headers: Headers }>,
  rules: SiteRules,
  strictness: 'cookie' | 'none',
): boolean {
  const { 'sec-fetch-site': site, origin, host } = headers;
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && SAFE.has(method));
  if (origin !== undefined) return origin === (rules.origin ?? `${rules.secure ? 'https' : 'http'}://${String(host)}`);
  return strictness === 'none' || SAFE.has(method);
}
