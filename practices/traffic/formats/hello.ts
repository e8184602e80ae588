/** A TLS ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), out of the records at the beginning of a connection. */
import { plain } from './text.ts';

export type ClientHello = Readonly<{
  /** Of the hello itself: 0x0303 since TLS 1.3 hides behind 1.2. */
  version: number;
  ciphers: readonly number[];
  extensions: readonly number[];
  sni?: string;
  alpn: readonly Buffer[];
  signatureAlgorithms: readonly number[];
  supportedVersions: readonly number[];
}>;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** Real ones have up to 2 KiB, with post-quantum keys. */
export const MOST_HELLO_BYTES = 16 * 1024;

/** Whether these bytes can begin a hello: a handshake record of SSL 3 to TLS 1.3. */
export const beginsHello = (bytes: Buffer, from: number, to: number): boolean =>
  bytes[from] === HANDSHAKE && (to - from < 3 || (bytes[from + 1] === 3 && (bytes[from + 2] as number) <= 4));

/** @returns `more`: it goes on behind these bytes. null: it is none */
export function readHello(bytes: Buffer, from: number, to: number): ClientHello | 'more' | null {
  const parts: Buffer[] = [];
  let have = 0;
  const head = Buffer.alloc(4);
  // a hello may be cut into several records (RFC 8446 §5.1)
  for (let at = from; ;) {
    if (to - at < 5) return 'more';
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at] !== HANDSHAKE || length === 0 || length > MOST_HELLO_BYTES) return null;
    const end = at + 5 + length;
    const part = bytes.subarray(at + 5, Math.min(end, to));
    if (have < 4) part.copy(head, have);
    parts.push(part);
    have += part.length;
    if (have >= 4) {
      const said = head.readUIntBE(1, 3);
      if (head[0] !== CLIENT_HELLO || said > MOST_HELLO_BYTES) return null;
      // put together once: records of one byte each would else be copied again with every one
      if (have >= 4 + said) return bodyOf(Buffer.concat(parts).subarray(4, 4 + said));
    }
    if (end > to) return 'more';
    at = end;
  }
}

function bodyOf(body: Buffer): ClientHello | null {
  const fields = reader(body);
  const version = fields.number(2);
  fields.skip(32);
  fields.skip(fields.number(1));
  const ciphers = numbers(fields.part(fields.number(2)));
  fields.skip(fields.number(1));
  const found = {
    version,
    ciphers,
    extensions: [] as number[],
    alpn: [] as Buffer[],
    signatureAlgorithms: [] as readonly number[],
    supportedVersions: [] as readonly number[],
  };
  let sni: string | undefined;
  if (!fields.isBroken() && fields.left() > 0) {
    const extensions = reader(fields.part(fields.number(2)));
    while (extensions.left() >= 4 && !extensions.isBroken()) {
      const type = extensions.number(2);
      const value = extensions.part(extensions.number(2));
      found.extensions.push(type);
      if (type === 0) sni = sniOf(value);
      else if (type === 13) found.signatureAlgorithms = numbers(value.subarray(2));
      else if (type === 16) found.alpn = alpnOf(value);
      else if (type === 43) found.supportedVersions = numbers(value.subarray(1));
    }
    if (extensions.isBroken()) return null;
  }
  return fields.isBroken() ? null : { ...found, ...(sni === undefined ? {} : { sni }) };
}

/** Reads on and on; what is not there is 0 or nothing, and `isBroken` says so. */
function reader(bytes: Buffer) {
  let at = 0;
  let broken = false;
  const part = (length: number): Buffer => {
    if (length > bytes.length - at) broken = true;
    const found = bytes.subarray(at, at + length);
    at = Math.min(bytes.length, at + length);
    return found;
  };
  return {
    part,
    number: (length: 1 | 2): number => {
      const found = part(length);
      return found.length < length ? 0 : found.readUIntBE(0, length);
    },
    skip: (length: number): void => void part(length),
    left: (): number => bytes.length - at,
    isBroken: (): boolean => broken,
  };
}

function numbers(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readUInt16BE(at * 2));
}

/** RFC 6066 §3: one name of type host_name. */
function sniOf(value: Buffer): string | undefined {
  const names = reader(value);
  names.skip(2);
  const type = names.number(1);
  const name = names.part(names.number(2));
  return type !== 0 || name.length === 0 ? undefined : plain(name.toString('latin1'), 255).toLowerCase();
}

/** RFC 7301 §3.1. */
function alpnOf(value: Buffer): Buffer[] {
  const list = reader(value.subarray(2));
  const found: Buffer[] = [];
  while (list.left() > 0 && found.length < 20) {
    const one = list.part(list.number(1));
    if (list.isBroken()) break;
    found.push(one);
  }
  return found;
}

/** The highest version offered, in words. */
export function versionText(hello: ClientHello): string | undefined {
  const names: Readonly<Record<number, string>> = {
    0x0304: 'TLS 1.3',
    0x0303: 'TLS 1.2',
    0x0302: 'TLS 1.1',
    0x0301: 'TLS 1.0',
    0x0300: 'SSL 3.0',
  };
  return names[highestVersion(hello)];
}

/** RFC 8701: values that mean nothing, sent so that nobody gets used to none. */
export const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 255);

export function highestVersion({ version, supportedVersions }: ClientHello): number {
  const offered = supportedVersions.filter((each) => !isGrease(each));
  return offered.length === 0 ? version : Math.max(...offered);
}
