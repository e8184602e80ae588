/** What subjects said to purposes. */
import type { ConsentLedger, NewConsents, RecordedConsents, Reply, UnsubscribeLink } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Consents = {
  /** Holds at the very next read of any server. `events[].receipt` is for the person to keep. */
  record: (said: NewConsents, options?: CallOptions) => Promise<RecordedConsents>;
  /** @param holder `sub_…` or `anon_…` @param options `after`: the `next` of the page before, for who has more than 1,000 events */
  get: (holder: string, options?: CallOptions & Readonly<{ after?: number }>) => Promise<ConsentLedger>;
  /** For one message to one subject: put `headers` into it. */
  unsubscribeLink: (
    about: Readonly<{ subject: string; purpose: string }>,
    options?: CallOptions,
  ) => Promise<UnsubscribeLink>;
  /** For a page of one holder: `createChoices({ token })` of `@strongroom/sdk/choices`, or `<strongroom-consent token>`. */
  choiceToken: (
    of: Readonly<{ holder: string; minutes?: number }>,
    options?: CallOptions,
  ) => Promise<Readonly<{ token: string; expiresAt: string }>>;
  /** What a page needs to ask its visitors. */
  /** What to put into a page: the widget, and the scripts that make `__tcfapi` of it. */
  widget: (options?: CallOptions) => Promise<Reply<'consentWidget', '200'>>;
  /** What receipts are verified with. */
  keys: (options?: CallOptions) => Promise<Readonly<{ keys: readonly Readonly<Record<string, string>>[] }>>;
};

export function createConsents({ json }: Transport): Consents {
  return {
    record: (said, options) => json({ method: 'POST', path: '/v1/privacy/consents', json: said, does: 'change' }, options),
    get: (holder, options) => json({ method: 'GET', path: `/v1/privacy/consents/${encodeURIComponent(holder)}`, query: options?.after === undefined ? {} : { after: String(options.after) }, does: 'read' }, options),
    unsubscribeLink: (about, options) => json({ method: 'POST', path: '/v1/privacy/unsubscribe-links', json: about, does: 'read' }, options),
    choiceToken: (of, options) => json({ method: 'POST', path: '/v1/privacy/choice-tokens', json: of, does: 'read' }, options),
    widget: (options) => json({ method: 'GET', path: '/v1/privacy/widget', does: 'read' }, options),
    keys: (options) => json({ method: 'GET', path: '/v1/privacy/keys', does: 'read' }, options),
  }; // prettier-ignore
}
