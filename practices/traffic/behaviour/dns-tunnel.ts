/**
 * Data that leaves in names that are looked up. By machine and registered domain, in a day: how many different names below
 * it, and how many characters in them that no person wrote. A name's words (between dots and dashes) carry something when they
 * mix letters and digits or have more than 15 letters; together 20 characters at least, with an entropy of 3 bits. What counts
 * is what got out: two thousand such characters in forty names. Who encodes into short words of letters only is not seen.
 *
 * The registered domain is taken as the last two labels, or three where the second is a short one of a country (`co.uk`):
 * a tunnel below a shared host (`github.io`) is counted for that host.
 * Honest life that comes near: content networks and virus scanners that ask with hashes; name these in `known`.
 * False-positive budget: one for each such service that is not named; none a month after that.
 */
import { DAY, LATE_MS } from './clock.ts';
import { createDistinct, hashOf, type Distinct } from './distinct.ts';
import { createKeyed } from './keyed.ts';
import { addressOf, alertOf, keepUid, utc, type Watch } from './watch.ts';

export type DnsTunnelOptions = Readonly<{
  most: number;
  salt?: number;
  /** Characters in strange names within a day. */
  characters?: number;
  /** Different strange names within a day. */
  names?: number;
  entropy?: number;
  length?: number;
  known?: readonly string[];
}>;

type Asked = {
  from: number;
  queries: number;
  strange: Distinct;
  characters: number;
  entropy: number;
  said: boolean;
  uids: string[];
};

const RULE = 'behaviour.dns-tunnel';

export function dnsTunnelWatch(options: DnsTunnelOptions): Watch {
  const { most, salt = 0, characters = 2000, names = 40, entropy: least = 3, length = 20, known = [] } = options;
  const keyed = createKeyed<Asked>(most);
  const quiet = new Set(known);
  return {
    rule: RULE,
    classes: ['dns'],
    windowMs: DAY + LATE_MS,
    feed: (event, time, say) => {
      const hostname = event.query?.hostname;
      // most names are shorter than what could be strange
      if (hostname === undefined || hostname.length > 255 || hostname.length < length + 3) return;
      const split = splitOf(hostname);
      if (split === null) return;
      const carried = carriedIn(split.below);
      if (carried.length < length) return;
      const entropy = entropyOf(carried);
      if (entropy < least || quiet.has(split.domain)) return;
      const from = addressOf(event) ?? 'unknown';
      const key = `${from}|${split.domain}`;
      let asked = keyed.get(key);
      if (asked === undefined || time > asked.from + DAY || time < asked.from - LATE_MS) {
        asked = {
          from: time,
          queries: 0,
          strange: createDistinct(),
          characters: 0,
          entropy: 0,
          said: false,
          uids: [],
        };
        keyed.set(key, asked);
      }
      asked.queries += 1;
      asked.entropy += entropy;
      keepUid(asked.uids, event);
      const before = asked.strange.count();
      asked.strange.add(hashOf(carried, salt));
      // while exact, a name twice carries nothing; later the estimate says how many of them are new
      asked.characters += Math.max(0, asked.strange.count() - before) * carried.length;
      if (asked.said || asked.characters < characters || asked.strange.count() < names) return;
      asked.said = true;
      const mean = asked.entropy / asked.queries;
      say(
        alertOf({
          rule: RULE,
          title: 'Data may leave in names that are looked up',
          severity: 'high',
          key: `from=${from},domain=${split.domain}`,
          entity: { host: from },
          time,
          window: asked.from,
          events: [...asked.uids],
          reason:
            `${from} has looked up ${asked.strange.count()} different names below ${split.domain} since ${utc(asked.from)}, with ` +
            `${asked.characters} characters that look like no words (${mean.toFixed(1)} bits each): about ${Math.round((asked.characters * mean) / 8 / 100) / 10} kB may have left.`,
          measure: {
            name: 'characters in strange names',
            value: asked.characters,
            usual: 0,
            limit: characters,
          },
          attack: ['T1071.004', 'T1048'],
        }),
      );
    },
    held: keyed.held,
  };
}

/** What is below the registered domain; null where nothing is. */
function splitOf(hostname: string): { domain: string; below: string } | null {
  const labels = hostname.toLowerCase().split('.', 130);
  if (labels.at(-1) === '') labels.pop();
  const [second = '', top = ''] = labels.slice(-2);
  const keep = top.length === 2 && second.length <= 3 && labels.length > 2 ? 3 : 2;
  if (labels.length <= keep || (top === 'arpa' && labels.length > 2)) return null;
  return { domain: labels.slice(-keep).join('.'), below: labels.slice(0, -keep).join('') };
}

const LONGEST_WORD = 15;

/** What of a name is no word of letters and no number, put together. */
function carriedIn(below: string): string {
  let carried = '';
  for (const word of below.split(/[.-]/, 64)) {
    let [letters, others] = [0, 0];
    for (let i = 0; i < word.length; i += 1) {
      const code = word.charCodeAt(i);
      if (code >= 97 && code <= 122) letters += 1;
      else others += 1;
    }
    if ((letters > 0 && others > 0) || word.length > LONGEST_WORD) carried += word;
  }
  return carried;
}

/** Shannon's, in bits for each character. */
export function entropyOf(text: string): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
