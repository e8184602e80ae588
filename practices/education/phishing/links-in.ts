/** Where a mail leads: the hosts that it names, and which links are of our own exercises. */
export type Body = Readonly<{ text: string; html: string }>;
export type Links = Readonly<{
  /** Tokens of links of ours. */
  tokens: readonly string[];
  hosts: readonly string[];
  /** There is a link of ours, and nothing that leads anywhere else. */
  areOurs: boolean;
}>;

const MOST = 20;
const AUTHORITY = /https?:[\\/]{1,4}([^\s"'<>()[\]{}\\/?#|,;]+)|\bwww\.[a-z0-9.-]+/gi;
const TARGET =
  /\b(?:href|src|srcset|action|formaction|background|poster|data)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;

/** @param origin of the landing pages; null: there are none */
export function linksIn(bodies: readonly Body[], origin: string | null): Links {
  const texts = bodies.flatMap(({ text, html }) => [text, html]);
  const tokens = origin === null ? [] : tokensOf(texts, origin);
  const hosts = hostsOf(texts);
  const own = origin === null ? null : new URL(origin).host;
  // what stands in an attribute is taken as ours only as we write it: there are too many ways to write another
  const targets = bodies.flatMap(({ html }) => [...html.matchAll(TARGET)].map((found) => found[1] ?? found[2] ?? found[3] ?? ''));
  const areOurs =
    tokens.length > 0 && hosts.every((host) => host === own) && targets.every((target) => /^(?:mailto:|#|$)/i.test(target.trim()) || target.trim().startsWith(`${origin}/`));
  return { tokens, hosts, areOurs };
} // prettier-ignore

function tokensOf(texts: readonly string[], origin: string): readonly string[] {
  const found = new Set<string>();
  for (const text of texts)
    for (let at = text.indexOf(`${origin}/`); at >= 0; at = text.indexOf(`${origin}/`, at + 1)) {
      const token = text.slice(at + origin.length + 1, at + origin.length + 23);
      if (/^[A-Za-z0-9_-]{22}$/.test(token)) found.add(token);
    }
  return [...found].slice(0, MOST);
}

/** As a browser reads them: `https://ours@theirs/` is theirs. */
function hostsOf(texts: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const text of texts)
    for (const [whole, authority = whole] of text.matchAll(AUTHORITY)) {
      const host = URL.parse(`http://${authority}`)?.host ?? authority.toLowerCase().slice(0, 253);
      found.add(host.replace(/\.+$/, ''));
    }
  return [...found].toSorted();
} // prettier-ignore
