/** Where a link may lead: over https, to an address, to another text, to a place of the console. No other scheme is one. */
import type { LinkTarget } from './tree.ts';

/** `text`: lessons and policies. `mail`: the mail of a phishing exercise, where the only link is the recipient's own. */
export type LinkRule = 'text' | 'mail';

const ID = /^[a-z][a-z0-9-]{0,60}$/;
const PLACES = ['learn', 'sign', 'report'] as const;

/** @returns the target, or what to write instead */
export function readTarget(written: string, rule: LinkRule): LinkTarget | string {
  if (rule === 'mail') return written === '{{link}}' ? { kind: 'lure' } : 'in a mail of an exercise write {{link}}';
  const cut = written.indexOf(':');
  const [scheme, rest] = [written.slice(0, cut), written.slice(cut + 1)];
  if (scheme === 'lesson' || scheme === 'policy')
    return ID.test(rest) ? { kind: scheme, id: rest } : `write ${scheme}: and its id`;
  if (scheme === 'app') {
    const place = PLACES.find((each) => each === rest);
    return place === undefined ? `places are ${PLACES.join(', ')}` : { kind: 'app', place };
  }
  if (scheme === 'mailto')
    return /^[\w.+-]{1,64}@[a-z0-9.-]{1,200}$/i.test(rest) ? { kind: 'mail', address: rest } : 'write mailto: and one address';
  const url = URL.parse(written);
  if (url === null || url.username !== '' || url.password !== '' || !written.startsWith('https://'))
    return 'write https://…, mailto:, lesson:, policy: or app:';
  return { kind: 'web', href: url.href };
} // prettier-ignore
