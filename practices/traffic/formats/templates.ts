/**
 * Templates of NetFlow 9 and IPFIX, for each exporter and domain, and the sets that wait for theirs.
 *
 * INVARIANT: bounded whatever is sent, by whomever: UDP says of nobody who they are.
 */
import type { Tally } from './parser.ts';

export type Field = Readonly<{
  element: number;
  enterprise: number;
  /** 65535: its length stands in front of it. */ length: number;
}>;

export const VARIABLE = 65_535;

export type Waiting = Readonly<{ id: number; set: Buffer; header: unknown; position: string }>;

export type Domain = {
  templates: Map<number, readonly Field[]>;
  waiting: Waiting[];
  /** The sequence number that the next datagram has, if none is lost. */
  expected: number | null;
  records: number;
  /** A set of the datagram in hand has no template yet. */
  uncounted: boolean;
};

const MOST_DOMAINS = 256;
const MOST_TEMPLATES = 256;
const MOST_FIELDS = 128;
const MOST_WAITING = 16;
/** Of all domains together. */
const MOST_WAITING_BYTES = 1024 * 1024;

export type Templates = Readonly<{
  domainOf: (key: string) => Domain;
  /** @returns what waited for one of them */
  learn: (domain: Domain, set: Buffer, version: 9 | 10) => Waiting[];
  wait: (domain: Domain, id: number, set: Buffer, header: unknown, position: string) => void;
  held: () => Readonly<{ domains: number; templates: number; waitingBytes: number }>;
}>;

export function createTemplates(tally: Tally): Templates {
  const domains = new Map<string, Domain>();
  let waitingBytes = 0;

  const release = (waiting: readonly Waiting[]): void => {
    for (const { set } of waiting) waitingBytes -= set.length;
  };

  const forget = (domain: Domain): void => {
    release(domain.waiting);
    if (domain.waiting.length > 0) tally.count('waitedInVain', domain.waiting.length);
  };

  return {
    domainOf: (key) => {
      const had = domains.get(key);
      const domain = had ?? { templates: new Map(), waiting: [], expected: null, records: 0, uncounted: false };
      // the last one in the map was used last
      if (had !== undefined) domains.delete(key);
      else if (domains.size >= MOST_DOMAINS) {
        const [oldest, oldDomain] = domains.entries().next().value as [string, Domain];
        domains.delete(oldest);
        forget(oldDomain);
      }
      domains.set(key, domain);
      return domain;
    },
    learn: (domain, set, version) => {
      const learnt = templatesOf(set, version);
      for (const [id, fields] of learnt) {
        domain.templates.delete(id);
        // RFC 7011 §8.1: no fields withdraw it
        if (fields.length === 0) continue;
        if (domain.templates.size >= MOST_TEMPLATES)
          domain.templates.delete(domain.templates.keys().next().value as number);
        domain.templates.set(id, fields);
        tally.count('templates');
      }
      const ready = domain.waiting.filter(({ id }) => domain.templates.has(id));
      domain.waiting = domain.waiting.filter(({ id }) => !domain.templates.has(id));
      release(ready);
      return ready;
    },
    wait: (domain, id, set, header, position) => {
      tally.count('waited');
      if (domain.waiting.length >= MOST_WAITING) {
        tally.count('waitedInVain');
        release(domain.waiting.splice(0, 1));
      }
      if (waitingBytes + set.length > MOST_WAITING_BYTES) return tally.count('waitedInVain');
      waitingBytes += set.length;
      domain.waiting.push({ id, set: Buffer.from(set), header, position });
    },
    held: () => ({
      domains: domains.size,
      templates: [...domains.values()].reduce((sum, { templates }) => sum + templates.size, 0),
      waitingBytes,
    }),
  };
}

/** RFC 3954 §5.2, RFC 7011 §3.4.1. What is left behind the last whole one is padding. */
function templatesOf(set: Buffer, version: 9 | 10): Map<number, readonly Field[]> {
  const found = new Map<number, readonly Field[]>();
  for (let at = 0; at + 4 <= set.length;) {
    const [id, count] = [set.readUInt16BE(at), set.readUInt16BE(at + 2)];
    at += 4;
    if (id < 256 || count > MOST_FIELDS) break;
    const fields: Field[] = [];
    for (let field = 0; field < count; field += 1) {
      const hasEnterprise = version === 10 && at + 4 <= set.length && (set.readUInt16BE(at) & 0x8000) !== 0;
      const size = hasEnterprise ? 8 : 4;
      if (at + size > set.length) return found;
      fields.push({
        element: set.readUInt16BE(at) & (version === 10 ? 0x7fff : 0xffff),
        enterprise: hasEnterprise ? set.readUInt32BE(at + 4) : 0,
        length: set.readUInt16BE(at + 2),
      });
      at += size;
    }
    found.set(id, fields);
  }
  return found;
}
