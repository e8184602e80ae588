/**
 * Policy files: which logs are accepted, which witnesses are known, and how many of them must have cosigned.
 *
 * Read strictly: a line that is not understood could be the one that asks for a witness. Source: C2SP tlog-policy
 */
import {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  NOTE_ED25519,
  parseVerifierKey,
  type NoteKey,
  type SignatureType,
} from './vkey.ts';

/** 32 witnesses with ML-DSA-44 keys have 58 KB. */
const MOST_BYTES = 512 * 1024;

export type PolicyLog = Readonly<{ key: NoteKey; url: string | null }>;
export type PolicyWitness = Readonly<{ name: string; key: NoteKey; url: string | null }>;
/** What must have cosigned: nothing, one witness, or `need` of a group's members. */
export type Quorum = Readonly<
  | { kind: 'none' }
  | { kind: 'witness'; witness: PolicyWitness }
  | { kind: 'group'; name: string; need: number; members: readonly Quorum[] }
>;
export type Policy = Readonly<{
  logs: readonly PolicyLog[];
  witnesses: readonly PolicyWitness[];
  quorum: Quorum;
}>;

/** `message` says the line and what is wrong with it. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

type Reading = {
  logs: PolicyLog[];
  witnesses: PolicyWitness[];
  /** Witnesses and groups share one space of names. */
  defined: Map<string, Quorum>;
  /** Names that are members of a group: each at most once, so that no witness counts twice. */
  used: Set<string>;
  quorum: Quorum | null;
};

/** @throws PolicyError */
export function parsePolicy(file: Uint8Array): Policy {
  if (file.length > MOST_BYTES)
    throw new PolicyError(`a policy of ${file.length} bytes, at most ${MOST_BYTES} are read`);
  // octets, not characters: two names are one when their bytes are
  const lines = Buffer.from(file.buffer, file.byteOffset, file.length).toString('latin1').split('\n');
  if (lines.pop() !== '') throw new PolicyError('the last line does not end with a newline');
  const reading: Reading = { logs: [], witnesses: [], defined: new Map(), used: new Set(), quorum: null };
  for (const [index, line] of lines.entries()) {
    try {
      readLine(reading, line);
    } catch (thrown) {
      if (!(thrown instanceof PolicyError)) throw thrown;
      throw new PolicyError(`line ${index + 1}: ${thrown.message}`);
    }
  }
  const { logs, witnesses, quorum } = reading;
  if (quorum === null) throw new PolicyError('there is no quorum line; `quorum none` asks for no witness');
  return { logs, witnesses, quorum };
}

function readLine(reading: Reading, line: string): void {
  // oxlint-disable-next-line no-control-regex -- tab is the only control character that may stand here
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw new PolicyError('there is a control character');
  const items = line.split(/[ \t]+/).filter((item) => item !== '');
  const [keyword, ...rest] = items;
  if (keyword === undefined || keyword.startsWith('#')) return;
  if (keyword === 'log') readLog(reading, rest);
  else if (keyword === 'witness') readWitness(reading, rest);
  else if (keyword === 'group') readGroup(reading, rest);
  else if (keyword === 'quorum') readQuorum(reading, rest);
  else throw new PolicyError('a line begins with log, witness, group, quorum or #');
}

function readLog({ logs }: Reading, items: readonly string[]): void {
  const [vkey, url] = items;
  if (vkey === undefined || items.length > 2) throw new PolicyError('expected: log <vkey> [<url>]');
  const key = readKey(vkey, [NOTE_ED25519, COSIGNATURE_ML_DSA_44], 'a log');
  if (logs.some((log) => log.key.raw.equals(key.raw))) throw new PolicyError('this log stands there already');
  logs.push({ key, url: readUrl(url) });
}

function readWitness({ witnesses, defined }: Reading, items: readonly string[]): void {
  const [name, vkey, url] = items;
  if (name === undefined || vkey === undefined || items.length > 3)
    throw new PolicyError('expected: witness <name> <vkey> [<url>]');
  const key = readKey(vkey, [COSIGNATURE_ED25519, COSIGNATURE_ML_DSA_44], 'a witness');
  if (witnesses.some((witness) => witness.key.raw.equals(key.raw)))
    throw new PolicyError('a witness with this key stands there already');
  const witness = { name: utf8(name), key, url: readUrl(url) };
  define(defined, name, { kind: 'witness', witness });
  witnesses.push(witness);
}

function readGroup({ defined, used }: Reading, items: readonly string[]): void {
  const [name, count, ...names] = items;
  if (name === undefined || count === undefined || names.length === 0)
    throw new PolicyError('expected: group <name> all|any|<k> <name>…');
  const members = names.map((member) => {
    const found = defined.get(member);
    if (found === undefined) throw new PolicyError('a member is not defined on a line above');
    if (used.has(member)) throw new PolicyError('a member belongs to a group already');
    used.add(member);
    return found;
  });
  const need =
    count === 'all' ? members.length : count === 'any' ? 1 : /^[1-9]\d{0,5}$/.test(count) ? Number(count) : 0;
  if (need < 1 || need > members.length)
    throw new PolicyError(`a group of ${members.length} needs all, any, or a number from 1 to ${members.length}`);
  define(defined, name, { kind: 'group', name: utf8(name), need, members });
}

function readQuorum(reading: Reading, items: readonly string[]): void {
  const [name] = items;
  if (name === undefined || items.length > 1) throw new PolicyError('expected: quorum <name>');
  if (reading.quorum !== null) throw new PolicyError('there is a quorum line already');
  const found: Quorum | undefined = name === 'none' ? { kind: 'none' } : reading.defined.get(name);
  if (found === undefined) throw new PolicyError('the quorum is not defined on a line above');
  reading.quorum = found;
}

function define(defined: Map<string, Quorum>, name: string, what: Quorum): void {
  if (name === 'none') throw new PolicyError('the name none is taken');
  if (defined.has(name)) throw new PolicyError('this name is defined already');
  defined.set(name, what);
}

function readKey(item: string, types: readonly SignatureType[], whose: string): NoteKey {
  const key = parseVerifierKey(utf8(item));
  if (key === null) throw new PolicyError('the key is no verifier key, or its id is not that of its key');
  if (!types.includes(key.type)) throw new PolicyError(`a key of signature type ${key.type} is not one of ${whose}`);
  return key;
}

const readUrl = (item: string | undefined): string | null => (item === undefined ? null : utf8(item));

/** Octets as the text that they most likely are; only the comparison of names goes by octets. */
function utf8(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}

/** Does this set of cosigners fulfil the quorum? */
export function isMet(quorum: Quorum, signed: { has: (key: NoteKey) => boolean }): boolean {
  if (quorum.kind === 'none') return true;
  if (quorum.kind === 'witness') return signed.has(quorum.witness.key);
  return quorum.members.filter((member) => isMet(member, signed)).length >= quorum.need;
}
