/**
 * Checks, wherever this runs and without asking anybody, that an entry is in the audit log: the entry's hash and its
 * neighbours' give the root that the log's Ed25519 key signed. In a browser, what shows an entry need not be believed.
 * Sources: C2SP tlog-proof, tlog-checkpoint, signed-note; RFC 9162 §2.1.3.2 (inclusion); RFC 8032 (Ed25519)
 */
import { clientProblem } from './problem.ts';

export type ProvenEntry = Readonly<{
  index: number;
  /** Of the tree that it was proven to be in. */
  size: number;
  /** Base64. */
  root: string;
  origin: string;
  entry: Readonly<Record<string, unknown>>;
}>;

const HASH_BYTES = 32;
/** Of a signature line's first four bytes: which key. Algorithm byte 1 is Ed25519 (C2SP signed-note). */
const ED25519 = 1;

/**
 * @param proof as `audit.entryProof` gives it, with the entry in it
 * @param verifierKey `<origin>+<hash>+<base64>`, as `strongroom audit key` prints it; several lines: the Ed25519 one counts
 * @throws SDK_PROOF_REFUSED, saying what does not fit
 */
export async function verifyProof(proof: string, verifierKey: string): Promise<ProvenEntry> {
  const { index, hashes, note, extra } = readProof(proof);
  const { text, signatures } = readNote(note);
  const [origin = '', sizeText = '', root = ''] = text.split('\n');
  const size = Number(sizeText);
  if (!/^\d{1,15}$/.test(sizeText) || index >= size) throw refused('the checkpoint is of another size');
  const key = readKey(verifierKey, origin);
  const signed = signatures.find((one) => one.name === origin && startsWith(one.bytes, key.hash));
  if (signed === undefined) throw refused('the checkpoint is not signed by this key');
  const publicKey = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  const data = new TextEncoder().encode(text);
  if (!(await crypto.subtle.verify('Ed25519', publicKey, signed.bytes.slice(4), data)))
    throw refused('the signature of the checkpoint is false');
  const found = await rootOf(await leafHash(extra), index, size, hashes);
  if (found === null || toBase64(found) !== root) throw refused('the entry is not in the signed tree');
  return { index, size, root, origin, entry: JSON.parse(new TextDecoder().decode(extra)) as ProvenEntry['entry'] };
}

type Bytes = Uint8Array<ArrayBuffer>;

function readProof(proof: string): { index: number; hashes: Bytes[]; note: string; extra: Bytes } {
  const blank = proof.indexOf('\n\n');
  const [first, extra = '', index = '', ...hashes] = proof.slice(0, Math.max(blank, 0)).split('\n');
  if (first !== 'c2sp.org/tlog-proof@v1' || !extra.startsWith('extra ') || !/^index \d{1,15}$/.test(index))
    throw refused('this is not a proof with its entry');
  const read = hashes.map(fromBase64);
  if (read.length > 64 || read.some((hash) => hash.length !== HASH_BYTES)) throw refused('a hash has a wrong length');
  return {
    index: Number(index.slice(6)),
    hashes: read,
    note: proof.slice(blank + 2),
    extra: fromBase64(extra.slice(6)),
  };
}

function readNote(note: string): { text: string; signatures: { name: string; bytes: Bytes }[] } {
  const blank = note.indexOf('\n\n');
  const lines = note
    .slice(blank + 2)
    .split('\n')
    .filter((line) => line !== '');
  const signatures = lines.map((line) => {
    const [dash, name = '', base64 = ''] = line.split(' ');
    if (dash !== '\u2014') throw refused('a signature line is malformed');
    return { name, bytes: fromBase64(base64) };
  });
  if (blank < 0 || signatures.length === 0) throw refused('there is no signed checkpoint in it');
  return { text: note.slice(0, blank + 1), signatures };
}

function readKey(text: string, origin: string): { hash: Bytes; publicKey: Bytes } {
  for (const line of text.trim().split('\n')) {
    const parts = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(line);
    if (parts === null || parts[1] !== origin) continue;
    const key = fromBase64(parts[3] as string);
    if (key[0] !== ED25519 || key.length !== 1 + HASH_BYTES) continue;
    const hash = Uint8Array.from((parts[2] as string).match(/../g) as string[], (hex) => Number.parseInt(hex, 16));
    return { hash, publicKey: key.slice(1) };
  }
  throw refused('the key is not one of this log');
}

/** RFC 9162 §2.1.3.2. @returns null when there are too many or too few hashes */
async function rootOf(leaf: Bytes, index: number, size: number, hashes: readonly Bytes[]): Promise<Bytes | null> {
  let [at, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of hashes) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      hash = await nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = await nodeHash(hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? hash : null;
}

// shifting would cut numbers beyond 32 bits
const half = (n: number): number => Math.floor(n / 2);
const leafHash = (entry: Bytes): Promise<Bytes> => sha256(Uint8Array.of(0), entry);
const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(Uint8Array.of(1), left, right);

async function sha256(...parts: readonly Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob([...parts]).arrayBuffer()));
}

const startsWith = (bytes: Bytes, start: Bytes): boolean => start.every((byte, at) => bytes[at] === byte);

function fromBase64(text: string): Bytes {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    if (toBase64(bytes) === text) return bytes;
  } catch {
    // told below
  }
  throw refused('there is something in it that is not base64');
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const refused = (what: string): Error =>
  clientProblem(
    'SDK_PROOF_REFUSED',
    `the proof does not hold: ${what}`,
    'do not rely on this entry; tell whoever audits the log',
  );
