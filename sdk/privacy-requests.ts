/** What customers ask for, with clocks. */
import type {
  Body,
  CopyCode,
  CopyLinkMail,
  NewPrivacyRequest,
  AssertedSignIn,
  PrivacyAssertion,
  PrivacyClocks,
  PrivacyDecision,
  PrivacyQuestion,
  PrivacyRequest,
  PrivacyProofRules,
  PrivacyRequestHistory,
  PrivacyVouch,
  Reply,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

/** Said to somebody of the staff, by telephone or letter: who said it, and by which way. */
export type PrivacySaid = Body<'appealPrivacyRequest'>;
export type PrivacyRequestPage = Reply<'listPrivacyRequests', '200'>;
/** As `PrivacySaid`, and what they said as far as they said anything. */
export type PrivacyTakenBack = Body<'withdrawPrivacyRequest'>;

export type PrivacyRequests = {
  /** A page: 100 when no limit is said, at most 500. `next` is the cursor of the page after it; null: there is none. */
  list: (
    which?: 'open' | 'closed',
    options?: CallOptions & Readonly<{ cursor?: string; limit?: number }>,
  ) => Promise<PrivacyRequestPage>;
  /** Of a correction, what is held beside what is asked for: masked, or with `show: 'clear'` as much as your role may see. `seen` goes into the decision. */
  get: (id: string, options?: CallOptions & Readonly<{ show?: 'masked' | 'clear' }>) => Promise<PrivacyRequestHistory>;
  /** One that came by letter or telephone: `how`, and `asker` where it was not the customer. */
  take: (request: NewPrivacyRequest, options?: CallOptions) => Promise<PrivacyRequest>;
  /** An erasure is done when a second person has agreed. `link.code` of a copy is shown this once: tell it another way than by mail. */
  decide: (id: string, decision: PrivacyDecision, options?: CallOptions) => Promise<PrivacyRequest>;
  /**
   * The copy that a request asks for: a ZIP in an age file that only the passphrase opens.
   * @param passphrase at least 20 characters, made at random; tell it another way than the file goes
   */
  copy: (id: string, passphrase: string, options?: CallOptions) => Promise<ReadableStream<Uint8Array>>;
  /** The mail with the link to a copy once more; the link before it is dead. @returns the code that it asks for: tell it another way */
  sendLink: (id: string, mail?: CopyLinkMail, options?: CallOptions) => Promise<CopyCode>;
  /** The customer has taken it back, and told you so: nothing more is done of it; what was carried out stays so. */
  withdraw: (id: string, said: PrivacyTakenBack, options?: CallOptions) => Promise<PrivacyRequest>;
  /** Asks them something. With `stop` the clock stands still until they answer, where the law has it. */
  clarify: (id: string, question: PrivacyQuestion, options?: CallOptions) => Promise<PrivacyRequest>;
  /** Goes on with one that waits for them: with what they said, who said it and how, or without. */
  reply: (id: string, said?: PrivacySaid, options?: CallOptions) => Promise<PrivacyRequest>;
  /** They do not agree with the answer: another person decides. Once, until `appealBy`. */
  appeal: (id: string, said: PrivacySaid, options?: CallOptions) => Promise<PrivacyRequest>;
  /** You have seen who asks. One person makes it `reasonable`, a second one `high`; never hand in the document or its number. */
  vouch: (id: string, saw: PrivacyVouch['saw'], options?: CallOptions) => Promise<PrivacyRequest>;
  /** How sure it has to be who asks, by what they ask for. */
  proofRules: (options?: CallOptions) => Promise<PrivacyProofRules>;
  /**
   * For your own application: its customer has signed in there. Send their browser to `url`, once, within five minutes.
   * @param said `factors`: 2 where a second one was asked for; `resettableByMail`: how many of these a mail sets anew, 1 when
   * left out; `signedInAt`: at most fifteen minutes ago
   */
  assertSignedIn: (said: PrivacyAssertion, options?: CallOptions) => Promise<AssertedSignIn>;
  clocks: (options?: CallOptions) => Promise<PrivacyClocks>;
};

export function createPrivacyRequests({ json, stream }: Transport): PrivacyRequests {
  const path = '/v1/privacy/requests';
  return {
    list: (which = 'open', options) => json({ method: 'GET', path, query: { which, cursor: options?.cursor, limit: options?.limit?.toString() }, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: `${path}/${encodeURIComponent(id)}${options?.show === 'clear' ? '?show=clear' : ''}`, does: 'read' }, options),
    take: (request, options) => json({ method: 'POST', path, json: request, does: 'change' }, options),
    decide: (id, decision, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/decide`, json: decision, does: 'change' }, options),
    copy: async (id, passphrase, options) => {
      const call = { method: 'POST', path: `${path}/${encodeURIComponent(id)}/copy`, json: { passphrase }, accept: 'application/octet-stream', does: 'read' } as const;
      return (await stream(call, options)).body ?? new Blob([]).stream();
    },
    sendLink: (id, mail = {}, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/link`, json: mail, does: 'change' }, options),
    withdraw: (id, said, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/withdraw`, json: said, does: 'change' }, options),
    clarify: (id, question, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/clarify`, json: question, does: 'change' }, options),
    reply: (id, said, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/reply`, json: said ?? {}, does: 'change' }, options),
    appeal: (id, said, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/appeal`, json: said, does: 'change' }, options),
    vouch: (id, saw, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/vouch`, json: { saw }, does: 'change' }, options),
    proofRules: (options) => json({ method: 'GET', path: '/v1/privacy/proof-rules', does: 'read' }, options),
    assertSignedIn: (said, options) => json({ method: 'POST', path: '/v1/privacy/assertions', json: said, does: 'change' }, options),
    clocks: (options) => json({ method: 'GET', path: '/v1/privacy/clocks', does: 'read' }, options),
  }; // prettier-ignore
}
