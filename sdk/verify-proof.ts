/**
 * Checks, wherever this runs and without asking anybody, that an entry is in the audit log: the entry's hash and its
 * neighbours' give the root that the log's Ed25519 key signed. In a browser, what shows an entry need not be believed.
 * Sources: C2SP tlog-proof, tlog-checkpoint, signed-note; RFC 9162 §2.1.3.2 (inclusion); RFC 8032 (Ed25519)
 */
import { fromBase64 as decode, noteRefused, openSignedNote, readNote, toBase64, type Bytes } from './signed-note.ts';

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

/**
 * @param proof as `audit.entryProof` gives it, with the entry in it
 * @param verifierKey `<origin>+<hash>+<base64>`, as `strongroom audit key` prints it; several lines: the Ed25519 one counts
 * @param asked the entry it was asked for: one of another entry is refused, though it is in the log
 * @throws SDK_PROOF_REFUSED, saying what does not fit
 */
export async function verifyProof(proof: string, verifierKey: string, asked?: number): Promise<ProvenEntry> {
  const { index, hashes, note, extra } = readProof(proof);
  if (asked !== undefined && index !== asked) throw refused(`this is entry ${index}, and ${asked} was asked for`);
  const [origin = '', sizeText = '', root = ''] = readNote(note, refused).text.split('\n');
  const size = Number(sizeText);
  if (!/^\d{1,15}$/.test(sizeText) || index >= size) throw refused('the checkpoint is of another size');
  await openSignedNote(note, verifierKey, origin, refused);
  const found = await rootOf(await leafHash(extra), index, size, hashes);
  if (found === null || toBase64(found) !== root) throw refused('the entry is not in the signed tree');
  return { index, size, root, origin, entry: JSON.parse(new TextDecoder().decode(extra)) as ProvenEntry['entry'] };
}

function readProof(proof: string): { index: number; hashes: Bytes[]; note: string; extra: Bytes } {
  const blank = proof.indexOf('\n\n');
  const [first, extra = '', index = '', ...hashes] = proof.slice(0, Math.max(blank, 0)).split('\n');
  if (first !== 'c2sp.org/tlog-proof@v1' || !extra.startsWith('extra ') || !/^index \d{1,15}$/.test(index))
    throw refused('this is not a proof with its entry');
  const read = hashes.map((each) => decode(each, refused));
  if (read.length > 64 || read.some((hash) => hash.length !== HASH_BYTES)) throw refused('a hash has a wrong length');
  return {
    index: Number(index.slice(6)),
    hashes: read,
    note: proof.slice(blank + 2),
    extra: decode(extra.slice(6), refused),
  };
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

const refused = noteRefused('do not rely on this entry; tell whoever audits the log');
