/** The cookie that carries a session. `__Host-` ties it to this very host and to TLS; no script reads it, no other site sends it. */

export type CookieRules = Readonly<{
  /** TLS ends here or in front of here. */
  secure: boolean;
}>;

export const cookieName = ({ secure }: CookieRules): string => (secure ? '__Host-strongroom' : 'strongroom');

/** The token in a Cookie header (RFC 6265 §4.2.1); undefined when there is none, or two that differ. */
export function readCookie(header: string | undefined, rules: CookieRules): string | undefined {
  const begin = `${cookieName(rules)}=`;
  const found = new Set(
    (header ?? '')
      .split(';')
      .map((each) => each.trim())
      .flatMap((each) => (each.startsWith(begin) ? [each.slice(begin.length)] : [])),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

/** A session cookie of the browser: it is gone when the browser ends; how long it is good, the server knows. */
export const setCookie = (token: string, rules: CookieRules): string =>
  `${cookieName(rules)}=${token}; Path=/; HttpOnly; SameSite=Strict${rules.secure ? '; Secure' : ''}`;

export const clearCookie = (rules: CookieRules): string => `${setCookie('', rules)}; Max-Age=0`;
