/**
 * What a visitor of your site decides about their data, without any look: read, set, and hear of it. For browsers and Node,
 * no dependencies, no cookie; nothing is sent before it is asked for, and nothing is kept before a choice was made.
 */
export type Choice = Readonly<{
  purpose: string;
  title: string;
  /** In words: only with consent, or until you object. */
  rule: string;
  choice: 'consent' | 'objection';
  /** Whether data may serve this purpose now. */
  used: boolean;
  sharedForAds: boolean;
  answered: boolean;
}>;
export type Vendor = Readonly<{ id: number; name: string; privacy: string | null }>;
export type ChoiceState = Readonly<{
  controller: string;
  notice: string | null;
  /** Address of the privacy center. */
  center: string;
  language: string;
  /** Whether the browser's Global Privacy Control signal arrived. */
  gpc: boolean;
  words: Readonly<Record<string, string>>;
  purposes: readonly Choice[];
  /** Whether all that is shared for advertising is served, or not all, also of purposes that were not asked for; null: nothing is shared. */
  ads: 'in' | 'out' | null;
  /** Of the IAB's TCF; null where it is off. `tcString` is null before something was said, `cmp` where none is set. */
  tcf: Readonly<{
    tcString: string | null;
    vendors: readonly Vendor[];
    cmp: Readonly<{ id: number; version: number }> | null;
  }> | null;
  /** Of the last call of `set`: for the person to keep. */
  receipts?: readonly string[];
}>;
/** As localStorage is. */
type Keeper = { getItem: (name: string) => string | null; setItem: (name: string, value: string) => void };
/** What of a browser is looked at; Node has none of it, and its types are not needed to build this. */
type Frame = { parent: Frame; top: Frame | null; location: { origin: string }; localStorage: Keeper };
type Hears = (what: 'storage', hear: (event: { key: string | null }) => void) => void;
type Surroundings = { window?: Frame; addEventListener?: Hears; removeEventListener?: Hears };
const here = globalThis as unknown as Surroundings;

export type ChoiceOptions = Readonly<{
  /** Where Strongroom is: https://privacy.example.org */
  server: string;
  /** Of POST /v1/privacy/choice-tokens, for somebody who is signed in; left out: somebody anonymous. */
  token?: string | undefined;
  language?: string | undefined;
  /** Only these. */
  purposes?: readonly string[] | undefined;
  /** Recorded with what was shown: which form of your user interface it was. */
  variant?: string | undefined;
  /** Where an anonymous visitor's token is kept; null: nowhere. Left out: localStorage, where there is one. */
  storage?: Keeper | null | undefined;
  fetch?: typeof globalThis.fetch | undefined;
}>;
export type Choices = {
  /** Asks the server. @throws ChoicesProblem */
  get: () => Promise<ChoiceState>;
  /**
   * Records what was decided; what is not named stays as it is.
   * @param shown ids of the TCF's vendors that the person was shown with it: a TC string says so of no others
   * @throws ChoicesProblem; PRIVACY_NO_KEPT when each no of it is recorded and holds, and the yes is not; also where another site frames the page
   */
  set: (answers: Readonly<Record<string, boolean>>, shown?: readonly number[]) => Promise<ChoiceState>;
  /** What was said last, without asking; false for what was never decided here. */
  allows: (purpose: string) => boolean;
  /** The TC string that the server gave last, without asking; null where there is none. */
  tcString: () => string | null;
  /** Calls back after each change, also by another tab. @returns what ends it */
  subscribe: (onChange: (state: ChoiceState) => void) => () => void;
};
export class ChoicesProblem extends Error {
  readonly code: string;
  constructor(code: string, says: string) {
    super(says);
    this.code = code;
  }
}

const PLACE = 'strongroom-choices';
/** As the server says it. */
type Answered = Omit<ChoiceState, 'ads'> & Readonly<{ token?: string }>;
type Kept = Readonly<{ token?: string; allowed: readonly string[]; shown?: readonly number[]; tcString?: string }>;

export function createChoices(options: ChoiceOptions): Choices {
  const { server, token, purposes, variant, fetch = globalThis.fetch.bind(globalThis) } = options;
  const base = new URL(server).origin;
  const storage = options.storage === undefined ? storageHere() : options.storage;
  const listeners = new Set<(state: ChoiceState) => void>();
  let kept = readKept(storage);
  let state: ChoiceState | undefined;

  const call = async (init: RequestInit, query = ''): Promise<Answered> => {
    const mine = token ?? kept.token;
    const headers = { ...(init.headers as object), ...(mine === undefined ? {} : { 'strongroom-choices': mine }) };
    const answer = await fetch(`${base}/v1/privacy/choices${query}`, {
      ...init, headers, mode: 'cors', credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store',
    }).catch(() => {
      throw new ChoicesProblem('SDK_UNREACHABLE', 'the privacy server could not be reached, or does not know this site');
    }); // prettier-ignore
    const body = (await answer.json().catch(() => ({}))) as Answered & { code?: string; detail?: string }; // prettier-ignore
    if (answer.ok) return body;
    // a token whose time is over is as if there were none: the next answer is of somebody new
    if (body.code === 'PRIVACY_TOKEN_INVALID' && token === undefined && kept.token !== undefined) {
      keep({ allowed: [] });
      return call(init, query);
    }
    throw new ChoicesProblem(body.code ?? 'SDK_NOT_STRONGROOM', body.detail ?? 'the answer was none of Strongroom');
  };
  const keep = (next: Kept): void => {
    kept = next;
    try {
      storage?.setItem(PLACE, JSON.stringify(next));
    } catch {
      // full, or forbidden: it holds for this page
    }
  };
  const narrowed = (found: Answered): ChoiceState => ({
    ...found,
    ads: adsOf(found.purposes),
    purposes: found.purposes.filter(({ purpose }) => purposes === undefined || purposes.includes(purpose)),
  });
  const tell = (now: ChoiceState): ChoiceState => {
    state = now;
    for (const listener of listeners) listener(state);
    return state;
  };
  const get: Choices['get'] = async () => {
    const query = new URLSearchParams();
    if (options.language !== undefined) query.set('lang', options.language.slice(0, 2));
    if (kept.shown !== undefined) query.set('vendors', kept.shown.join('.'));
    state = narrowed(await call({ method: 'GET' }, query.size === 0 ? '' : `?${query.toString()}`));
    return state;
  };
  const onStorage = (event: { key: string | null }): void => {
    if (event.key !== PLACE) return;
    kept = readKept(storage);
    get().then(tell, () => undefined);
  };
  return {
    get,
    set: async (answers, shown) => {
      if (isFramedByOthers())
        throw new ChoicesProblem(
          'SDK_FRAMED',
          'another site shows this page inside its own: nothing can be decided here',
        );
      const said = Object.entries(answers).map(([purpose, yes]) => ({ purpose, answer: yes ? 'yes' : 'no' }));
      const lang = options.language === undefined ? {} : { lang: options.language.slice(0, 2) };
      const seen = shown ?? kept.shown ?? [];
      const vendors = seen.length === 0 ? {} : { vendors: seen.join('.') };
      const body = JSON.stringify({
        answers: said,
        ...lang,
        ...vendors,
        ...(variant === undefined ? {} : { variant }),
      });
      const found = await call({ method: 'POST', body, headers: { 'content-type': 'application/json' } }).catch(
        async (thrown: unknown) => {
          // each no of it holds: what runs here hears of it, though the yes has to wait
          if ((thrown as ChoicesProblem).code === 'PRIVACY_NO_KEPT') {
            keep({ ...kept, allowed: kept.allowed.filter((purpose) => answers[purpose] !== false) });
            await get().then(tell, () => undefined);
          }
          throw thrown;
        },
      );
      const allowed = found.purposes.filter(({ used }) => used).map(({ purpose }) => purpose);
      keep({
        ...(token === undefined && found.token !== undefined ? { token: found.token } : {}),
        allowed,
        ...(seen.length === 0 ? {} : { shown: seen }),
        ...(typeof found.tcf?.tcString === 'string' ? { tcString: found.tcf.tcString } : {}),
      });
      return tell(narrowed(found));
    },
    allows: (purpose) =>
      state?.purposes.find((each) => each.purpose === purpose)?.used ?? kept.allowed.includes(purpose),
    tcString: () => (state === undefined ? (kept.tcString ?? null) : (state.tcf?.tcString ?? null)),
    subscribe: (onChange) => {
      if (listeners.size === 0) here.addEventListener?.('storage', onStorage);
      listeners.add(onChange);
      return () => {
        listeners.delete(onChange);
        if (listeners.size === 0) here.removeEventListener?.('storage', onStorage);
      };
    },
  };
}

/** Of all purposes: an opt-out is of the person, and not of the form that a page shows. */
function adsOf(purposes: readonly Choice[]): ChoiceState['ads'] {
  const shared = purposes.filter(({ sharedForAds }) => sharedForAds);
  return shared.length === 0 ? null : shared.every(({ used }) => used) ? 'in' : 'out';
}

/** Whether a page of another origin is around this one: what is clicked there is not what is seen. */
export function isFramedByOthers(): boolean {
  const { window: mine } = here;
  if (mine === undefined || mine.top === mine) return false;
  try {
    for (let frame = mine; frame !== frame.parent; frame = frame.parent)
      if (frame.parent.location.origin !== mine.location.origin) return true;
    return false;
  } catch {
    return true;
  }
}

function storageHere(): ChoiceOptions['storage'] {
  try {
    return here.window?.localStorage ?? null;
  } catch {
    return null;
  }
}

/** What stands there may be anybody's: what does not look like ours is nothing. */
function readKept(storage: ChoiceOptions['storage']): Kept {
  try {
    const { token, allowed, shown, tcString } = JSON.parse(storage?.getItem(PLACE) ?? '{}') as Partial<Kept>;
    return {
      ...(typeof token === 'string' && /^[\w-]{68}$/.test(token) ? { token } : {}),
      allowed: Array.isArray(allowed) ? allowed.filter((each) => typeof each === 'string') : [],
      ...(Array.isArray(shown) &&
      shown.length > 0 &&
      shown.length <= 1000 &&
      shown.every((id) => Number.isInteger(id) && id > 0 && id < 65_536)
        ? { shown }
        : {}),
      ...(typeof tcString === 'string' && /^[\w.-]{1,8192}$/.test(tcString) ? { tcString } : {}),
    };
  } catch {
    return { allowed: [] };
  }
}
