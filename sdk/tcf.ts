/** The IAB's Transparency and Consent Framework: TC strings in and out of the ledger of consent. */
import type { RecordedTcString, TcfSettings, TcfStanding, TcStringFacts } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Tcf = {
  /** What of the catalogue stands for which of the TCF's purposes. */
  get: (options?: CallOptions) => Promise<TcfStanding>;
  /** @param settings `vendorList`: vendor-list.json as IAB Europe publishes it; left out, the newest that is there */
  set: (settings: TcfSettings, options?: CallOptions) => Promise<TcfStanding>;
  /** What a string says; nothing is kept. */
  decode: (tcString: string, options?: CallOptions) => Promise<TcStringFacts>;
  /** Records what it says to your purposes, with itself as the evidence; what was said since stays. */
  record: (of: Readonly<{ holder: string; tcString: string }>, options?: CallOptions) => Promise<RecordedTcString>;
  /** The string of what holds now. @param of `vendors`: who the person was shown, and nobody else */
  write: (
    of: Readonly<{ holder: string; vendors: readonly number[]; language?: string }>,
    options?: CallOptions,
  ) => Promise<Readonly<{ tcString: string }>>;
};

export function createTcf({ json }: Transport): Tcf {
  const path = '/v1/privacy/tcf';
  return {
    get: (options) => json({ method: 'GET', path, does: 'read' }, options),
    set: (settings, options) => json({ method: 'PUT', path, json: settings, does: 'change' }, options),
    decode: (tcString, options) => json({ method: 'POST', path: `${path}/decode`, json: { tcString }, does: 'read' }, options),
    record: (of, options) => json({ method: 'POST', path: `${path}/records`, json: of, does: 'change' }, options),
    write: (of, options) => json({ method: 'POST', path: `${path}/strings`, json: of, does: 'read' }, options),
  }; // prettier-ignore
}
