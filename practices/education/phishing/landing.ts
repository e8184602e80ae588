/**
 * Who followed a link: a person, or a program that looks at mail before people do. A click counts only when one visit of
 * the page ran its script, was visible, and saw a pointer or a key that a person moved; fetching a link is none.
 *
 * A scanner that drives a real browser and moves its pointer cannot be told from a person by this. It is why the time
 * after delivery counts too, and why tiers of people are never made of one click.
 */
export type LandingRequest =
  | Readonly<{ kind: 'fetch'; method: string; at: Date }>
  /** What the page's script sends. `visit` is random, made anew with each load of the page. */
  | Readonly<{ kind: 'beacon'; beacon: Beacon; at: Date }>;

const DEEDS = ['script', 'visible', 'pointer', 'key', 'submit'] as const;
const FIELDS = ['name', 'email', 'password', 'code', 'phone'] as const;
export type Deed = (typeof DEEDS)[number];

export type Beacon = Readonly<{
  token: string;
  visit: string;
  deed: Deed;
  /** Kinds of the fields that something was typed into. Never what. */
  fields: readonly (typeof FIELDS)[number][];
  /** Since the page was loaded. */
  ms: number;
}>;

export type Landing = Readonly<{
  by: 'person' | 'robot' | 'unknown' | 'nobody';
  /** When it became a click; null when it is none. */
  clickedAt: Date | null;
  /** Whether a person would have sent a form, and which kinds of fields were filled. */
  submittedAt: Date | null;
  fields: readonly string[];
}>;

/** Nobody reads a mail and follows its link sooner. */
const SOONEST_MS = 5000;
/** Nor moves a pointer with a purpose sooner after a page was drawn. */
const FIRST_MOVE_MS = 150;
const RANDOM = /^[A-Za-z0-9_-]{22}$/;

/**
 * The only body that the landing page's server takes. Anything beside these entries refuses all of it: there is no place
 * in which a typed word could arrive.
 */
export function parseBeacon(body: unknown): Beacon | null {
  if (typeof body !== 'object' || body === null || Object.getPrototypeOf(body) !== Object.prototype) return null;
  const entries = body as Readonly<Record<string, unknown>>;
  if (Object.keys(entries).toSorted().join() !== 'deed,fields,ms,token,visit') return null;
  const { token, visit, fields, ms } = entries;
  const deed = DEEDS.find((each) => each === entries['deed']);
  if (typeof token !== 'string' || !RANDOM.test(token) || typeof visit !== 'string' || !RANDOM.test(visit)) return null;
  if (deed === undefined || typeof ms !== 'number' || !Number.isInteger(ms) || ms < 0 || ms > 86_400_000) return null;
  if (!Array.isArray(fields) || fields.length > FIELDS.length || new Set(fields).size !== fields.length) return null;
  const kinds = FIELDS.filter((each) => fields.includes(each));
  return kinds.length === fields.length ? { token, visit, deed, fields: kinds, ms } : null;
}

/** @param requests all that came with one recipient's token, in any order */
export function judgeLanding(requests: readonly LandingRequest[], deliveredAt: Date): Landing {
  const ordered = requests.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const visits = Map.groupBy(
    ordered.flatMap((each) => (each.kind === 'beacon' ? [each] : [])),
    ({ beacon }) => beacon.visit,
  );
  const people = [...visits.values()].filter((visit) => isPerson(visit.map(({ beacon }) => beacon)));
  const inTime = people.filter((visit) => (visit[0]?.at.getTime() ?? 0) - deliveredAt.getTime() >= SOONEST_MS);
  const moves = inTime.flatMap((visit) => visit.filter(({ beacon }) => isHand(beacon)));
  const clicked = moves.toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];
  if (clicked === undefined) {
    const by = ordered.length === 0 ? 'nobody' : people.length > 0 ? 'unknown' : 'robot';
    return { by, clickedAt: null, submittedAt: null, fields: [] };
  }
  // by the page's own time: requests may overtake each other
  const sent = inTime
    .flatMap((visit) => {
      const firstMs = Math.min(...visit.flatMap(({ beacon }) => (isHand(beacon) ? [beacon.ms] : [])));
      return visit.filter(({ beacon: { deed, ms } }) => deed === 'submit' && ms >= firstMs);
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const fields = [...new Set(sent.flatMap(({ beacon }) => beacon.fields))];
  return { by: 'person', clickedAt: clicked.at, submittedAt: sent[0]?.at ?? null, fields };
}

const isHand = ({ deed, ms }: Beacon): boolean => (deed === 'pointer' || deed === 'key') && ms >= FIRST_MOVE_MS;

function isPerson(visit: readonly Beacon[]): boolean {
  const did = (deed: Deed): boolean => visit.some((each) => each.deed === deed);
  return did('script') && did('visible') && visit.some(isHand);
}
