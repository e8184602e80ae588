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
  /** When the exporter's clock of up-time was 0, if its options say so. */
  bootedMs: number | null;
};

const MOST_DOMAINS = 256;
const MOST_TEMPLATES = 256;
const MOST_FIELDS = 128;
/** Of all templates of all domains: some megabytes. */
const MOST_FIELDS_HELD = 128 * 1024;
const MOST_WAITING = 16;
/** Of all domains together. */
const MOST_WAITING_BYTES = 1024 * 1024;

export type Templates = Readonly<{
  domainOf: (key: string) => Domain;
  /** @returns what waited for one of them */
  learn: (domain: Domain, set: Buffer, version: 9 | 10, kind: 'flows' | 'options') => Waiting[];
  wait: (domain: Domain, id: number, set: Buffer, header: unknown, position: string) => void;
  held: () => Readonly<{ domains: number; templates: number; fields: number; waitingBytes: number }>;
}>;

export function createTemplates(tally: Tally): Templates {
  const domains = new Map<string, Domain>();
  let waitingBytes = 0;
  let fieldsHeld = 0;

  const release = (waiting: readonly Waiting[]): void => {
    for (const { set } of waiting) waitingBytes -= set.length;
  };

  const drop = ({ templates }: Domain, id: number): void => {
    fieldsHeld -= templates.get(id)?.length ?? 0;
    templates.delete(id);
  };

  const isFull = (): boolean => fieldsHeld > MOST_FIELDS_HELD;

  /** The domain that was used the longest time ago. */
  const forgetOldest = (): void => {
    const [oldest, domain] = domains.entries().next().value as [string, Domain];
    domains.delete(oldest);
    for (const id of domain.templates.keys()) drop(domain, id);
    release(domain.waiting);
    if (domain.waiting.length > 0) tally.count('waitedInVain', domain.waiting.length);
  };

  return {
    domainOf: (key) => {
      const had = domains.get(key);
      const domain = had ?? {
        templates: new Map(),
        waiting: [],
        expected: null,
        records: 0,
        uncounted: false,
        bootedMs: null,
      };
      // the last one in the map was used last
      if (had !== undefined) domains.delete(key);
      else if (domains.size >= MOST_DOMAINS) forgetOldest();
      domains.set(key, domain);
      return domain;
    },
    learn: (domain, set, version, kind) => {
      const learnt = templatesOf(set, version, kind === 'options');
      for (const [id, fields] of learnt) {
        drop(domain, id);
        // RFC 7011 §8.1: no fields withdraw it
        if (fields.length === 0) continue;
        if (domain.templates.size >= MOST_TEMPLATES) drop(domain, domain.templates.keys().next().value as number);
        domain.templates.set(id, fields);
        fieldsHeld += fields.length;
        tally.count('templates');
      }
      // one domain alone has less than that, and the one in hand is the last
      while (isFull()) forgetOldest();
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
      fields: fieldsHeld,
      waitingBytes,
    }),
  };
}

/**
 * RFC 3954 §5.2, §6.1, RFC 7011 §3.4. What is left behind the last whole one is padding. Those of options are templates too:
 * their records are of no flow, and one of them says when the exporter's clock began.
 */
function templatesOf(set: Buffer, version: 9 | 10, isOptions: boolean): Map<number, readonly Field[]> {
  const found = new Map<number, readonly Field[]>();
  for (let at = 0; at + 4 <= set.length;) {
    const id = set.readUInt16BE(at);
    let count = set.readUInt16BE(at + 2);
    at += 4;
    if (isOptions && (version === 9 || count > 0)) {
      if (at + 2 > set.length) break;
      // NetFlow 9 says how many bytes of scopes and of options, IPFIX how many fields, and how many of them are scopes
      if (version === 9) count = (count + set.readUInt16BE(at)) >> 2;
      at += 2;
    }
    if (id < 256 || count > MOST_FIELDS) break;
    const fields = fieldsAt(set, at, count, version);
    if (fields === null) break;
    found.set(id, fields);
    at += fields.reduce((bytes, { enterprise }) => bytes + (enterprise === 0 ? 4 : 8), 0);
  }
  return found;
}

/** @returns null: they are not all there */
function fieldsAt(set: Buffer, from: number, count: number, version: 9 | 10): Field[] | null {
  const fields: Field[] = [];
  let at = from;
  for (let field = 0; field < count; field += 1) {
    if (at + 4 > set.length) return null;
    const element = set.readUInt16BE(at);
    const length = set.readUInt16BE(at + 2);
    const hasEnterprise = version === 10 && (element & 0x8000) !== 0;
    if (hasEnterprise && at + 8 > set.length) return null;
    const enterprise = hasEnterprise ? set.readUInt32BE(at + 4) : 0;
    // enterprise 0 with the bit is nobody's: read over, and still of 8 bytes
    fields.push({
      element: hasEnterprise ? element & 0x7fff : element,
      enterprise: hasEnterprise && enterprise === 0 ? NOBODY : enterprise,
      length,
    });
    at += hasEnterprise ? 8 : 4;
  }
  return fields;
}

const NOBODY = 0xffff_ffff;
