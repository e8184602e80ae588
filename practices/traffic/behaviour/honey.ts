/**
 * Honey: customers, keys and words that nobody has a reason to touch. Any touch is said at once, naming who.
 *
 * Customers: the caller hands over which ids a request touched, as no event says them (`touched`). Tokens: found as a whole
 * word in an event's path, query string, user agent, referrer, host names and actor. Tokens are of a-z, 0-9, - and _, 8 to
 * 128 characters, whichever case; written with percent signs in a query they are not seen. No alert shows a token, but where
 * it is the name that somebody acts under.
 * False-positive budget: none by design. An export of everybody touches the honey customers too: that is worth a look.
 */
import type { Alert, Detector } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { alertOf, entityOf, whoOf } from './watch.ts';

export type HoneyNeeds = Readonly<{
  isHoneySubject: (id: string) => boolean;
  /** What each is called in an alert, which never shows the token itself. At most 1,000. */
  tokens: readonly Readonly<{ name: string; token: string }>[];
}>;

export type Honey = Detector &
  Readonly<{
    /** @param subjects   ids that the event's request touched */
    touched: (event: TrafficEvent, subjects: Iterable<string>) => readonly Alert[];
  }>;

const SUBJECTS = 'behaviour.honey-record';
const TOKENS = 'behaviour.honey-token';
const MOST_SUBJECTS = 10_000;
const MOST_TOKENS = 1000;
const NONE: readonly Alert[] = [];

export function createHoney({ isHoneySubject, tokens }: HoneyNeeds): Honey {
  const names = new Map<string, string>();
  for (const { name, token } of tokens.slice(0, MOST_TOKENS)) {
    if (!/^[A-Za-z0-9_-]{8,128}$/.test(token))
      throw new RangeError(`honey token ${name}: 8 to 128 of a-z, 0-9, - and _`);
    names.set(token.toLowerCase(), name);
  }
  const said = (event: TrafficEvent, kind: Pick<Alert, 'rule' | 'title' | 'key' | 'reason' | 'attack'>): Alert =>
    alertOf({
      ...kind,
      severity: 'high',
      entity: entityOf(event),
      time: event.time,
      window: event.time,
      events: [event.metadata.uid],
      measure: { name: 'touches', value: 1, usual: 0, limit: 0 },
    });
  const whoWords = (event: TrafficEvent): string => {
    const who = whoOf(event) ?? 'somebody not logged in';
    const from = event.src_endpoint?.ip;
    return from === undefined ? who : `${who} from ${from}`;
  };
  return {
    feed: (event) => {
      if (names.size === 0) return NONE;
      const found = tokensIn(event, names);
      if (found === null) return NONE;
      return [...found].map((name) =>
        said(event, {
          rule: TOKENS,
          title: 'A honey token was used',
          key: `token=${name}`,
          reason: `${whoWords(event)} used the honey token "${name}", which nobody has a reason to use: where it lay has been read.`,
          attack: ['T1078', 'T1552'],
        }),
      );
    },
    touched: (event, subjects) => {
      const honey: string[] = [];
      let more = 0;
      for (const id of subjects)
        if (isHoneySubject(id)) {
          if (honey.length < MOST_SUBJECTS) honey.push(id);
          else more += 1;
        }
      if (honey.length === 0) return NONE;
      const alert = said(event, {
        rule: SUBJECTS,
        title: 'A honey customer was touched',
        key: `actor=${whoOf(event) ?? 'unknown'}`,
        reason:
          `${whoWords(event)} touched ${honey.length + more} honey customers under ${event.strongroom?.purpose ?? 'no purpose'} ` +
          `(${event.api?.operation ?? 'unknown operation'}): they are planted, and nobody has a reason to.`,
        attack: ['T1213'],
      });
      return [{ ...alert, subjects: honey, ...(more === 0 ? {} : { subjectsLeftOut: more }) }];
    },
    windowMs: 0,
    held: () => ({ keys: names.size, most: MOST_TOKENS }),
  };
}

/** At most so much of each field is looked at. */
const LOOKED_AT = 4096;

function tokensIn(event: TrafficEvent, names: ReadonlyMap<string, string>): Set<string> | null {
  let found: Set<string> | null = null;
  const look = (text: string | undefined): void => {
    if (text === undefined || text.length < 8) return;
    let start = -1;
    const end = Math.min(text.length, LOOKED_AT);
    for (let i = 0; i <= end; i += 1) {
      if (i < end && isWord(text.charCodeAt(i))) {
        if (start < 0) start = i;
        continue;
      }
      if (start >= 0 && i - start >= 8 && i - start <= 128) {
        const name = names.get(text.slice(start, i).toLowerCase());
        if (name !== undefined) (found ??= new Set()).add(name);
      }
      start = -1;
    }
  };
  look(event.actor?.user?.uid);
  const request = event.http_request;
  if (request !== undefined) {
    look(request.url.path);
    look(request.url.query_string);
    look(request.url.hostname);
    look(request.user_agent);
    look(request.referrer);
  }
  look(event.query?.hostname);
  look(event.tls?.sni);
  return found;
}

const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || code === 45;
