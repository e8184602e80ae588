/** The cookies of people. `__Host-` ties them to this very host and to TLS; no script reads them, no other site sends them. */

export type CookieRules = Readonly<{
  /** TLS ends here or in front of here. */
  secure: boolean;
}>;
/** The session, or one attempt to begin one. */
export type CookieUse = 'session' | 'attempt';

const ATTEMPT_SECONDS = 300;

const nameOf = ({ secure }: CookieRules, use: CookieUse): string =>
  `${secure ? '__Host-' : ''}strongroom${use === 'session' ? '' : '-attempt'}`;

/** The token in a Cookie header (RFC 6265 §4.2.1); undefined when there is none, or two that differ. */
export function readCookie(
  header: string | undefined,
  rules: CookieRules,
  use: CookieUse = 'session',
): string | undefined {
  const begin = `${nameOf(rules, use)}=`;
  const found = new Set(
    (header ?? '')
      .split(';')
      .map((each) => each.trim())
      .flatMap((each) => (each.startsWith(begin) ? [each.slice(begin.length)] : [])),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

/** `Lax` for who comes back from another site; never for a session. */
type SameSite = 'Strict' | 'Lax';

const attributes = ({ secure }: CookieRules, sameSite: SameSite = 'Strict'): string =>
  `Path=/; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`;

/** A session cookie of the browser: it is gone when the browser ends; how long it is good, the server knows. */
export const setCookie = (token: string, rules: CookieRules): string =>
  `${nameOf(rules, 'session')}=${token}; ${attributes(rules)}`;

export const setAttempt = (token: string, rules: CookieRules, sameSite: SameSite = 'Strict'): string =>
  `${nameOf(rules, 'attempt')}=${token}; ${attributes(rules, sameSite)}; Max-Age=${ATTEMPT_SECONDS}`;

export const clearCookie = (rules: CookieRules, use: CookieUse = 'session'): string =>
  `${nameOf(rules, use)}=; ${attributes(rules)}; Max-Age=0`;
