// Checks an auditor's bundle offline: node verify.mjs [SHA-256 of the signer's key] [folder]
// Plain Node 20 or later, no packages. It believes nothing but the key it is given.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const [wanted = null, folder = import.meta.dirname ?? new URL('.', import.meta.url).pathname] = process.argv.slice(2);
const OUTSIDE = ['manifest.json', 'manifest.sig', 'signer.pub', 'log.vkeys'];
const faults = [];
const fault = (text) => faults.push(text);
const sha256 = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest();
const read = (path) => readFileSync(join(folder, path));
const base64 = (text) => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
};

/** Every file below the folder; a link is a fault: what it shows is somewhere else. */
function walk(at) {
  return readdirSync(at).flatMap((name) => {
    const path = join(at, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) return walk(path);
    if (!stat.isFile()) fault(`${relative(folder, path)} is no file`);
    return [relative(folder, path).split(sep).join('/')];
  });
}

/** The list is the signer's, byte by byte. */
function signedManifest() {
  const pem = read('signer.pub').toString();
  const key = createPublicKey(pem);
  if (key.export({ type: 'spki', format: 'pem' }) !== pem) fault('signer.pub is not in its one spelling');
  const id = sha256(key.export({ type: 'spki', format: 'der' })).toString('hex');
  if (wanted === null) console.log(`The signer's key is ${id}: compare it with what you were told elsewhere.`);
  else if (wanted.toLowerCase() !== id) fault(`the signer's key is ${id}, and not ${wanted}`);
  const bytes = read('manifest.json');
  const signature = /^([A-Za-z0-9+/=]+)\n$/.exec(read('manifest.sig').toString('latin1'))?.[1];
  const raw = signature === undefined ? null : base64(signature);
  if (raw === null || !verify(null, bytes, key, raw)) fault('manifest.json is not what was signed');
  return JSON.parse(bytes.toString());
}

/** C2SP signed-note: the keys of the log that are Ed25519 without a time; others are left alone. */
function logKeys() {
  return read('log.vkeys')
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? [];
      const bytes = encoded === undefined ? null : base64(encoded);
      if (bytes === null || sha256(`${name}\n`, bytes).subarray(0, 4).toString('hex') !== id) {
        fault('log.vkeys has a line that is no key');
        return [];
      }
      if (bytes[0] !== 1) return [];
      const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)]);
      return [{ name, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) }];
    });
}

/** @returns what is wrong with a note, or null when a key of the log has signed it */
function noteFault(note, keys) {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return 'has no tree head';
  const text = note.slice(0, split + 1);
  let signed = 0;
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const [, name, encoded] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? [];
    const bytes = encoded === undefined ? null : base64(encoded);
    if (bytes === null) return 'has a line of a signature that is none';
    const known = keys.find((one) => one.name === name && one.id === bytes.subarray(0, 4).toString('hex'));
    if (known === undefined) continue;
    if (!verify(null, Buffer.from(text), known.key, bytes.subarray(4))) return 'has a signature that does not hold';
    signed += 1;
  }
  return signed === 0 ? 'is signed by no key of the log' : null;
}

/** RFC 9162 §2.1.3.2. */
function rootOf(leaf, index, size, hashes) {
  let [fn, sn, hash] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const each of hashes) {
    if (sn === 0n) return null;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = sha256(Buffer.of(1), each, hash);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else hash = sha256(Buffer.of(1), hash, each);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? hash : null;
}

/** C2SP tlog-proof. @returns what is wrong with it, or null */
function proofFault(text, keys) {
  const blank = text.indexOf('\n\n');
  const [first, extra = '', at = '', ...lines] = text.slice(0, blank).split('\n');
  const [entry, index] = [base64(/^extra (\S+)$/.exec(extra)?.[1] ?? '!'), /^index (0|[1-9]\d{0,15})$/.exec(at)?.[1]];
  if (blank < 0 || first !== 'c2sp.org/tlog-proof@v1' || entry === null || index === undefined) return 'is no proof';
  const note = text.slice(blank + 2);
  const wrong = noteFault(note, keys);
  if (wrong !== null) return wrong;
  const [, size = '', root] = note.split('\n');
  const hashes = lines.map(base64);
  if (!/^[1-9]\d{0,15}$/.test(size) || Number(index) >= Number(size) || hashes.some((hash) => hash?.length !== 32))
    return 'has a size, an index or hashes that are none';
  const found = rootOf(sha256(Buffer.of(0), entry), index, size, hashes);
  return found?.toString('base64') === root ? null : 'does not lead from its entry to the tree head';
}

function check() {
  const counted = { files: 0, evidence: 0, proofs: 0 };
  try {
    const manifest = signedManifest();
    if (manifest.format !== 'strongroom/audit-bundle/1') fault(`the format is ${manifest.format}`);
    const found = new Set(walk(folder));
    const keys = logKeys();
    for (const { path, sha256: hash, sizeBytes } of manifest.files) {
      if (!found.delete(path)) {
        fault(`${path} is missing`);
        continue;
      }
      const bytes = read(path);
      if (bytes.length !== sizeBytes || sha256(bytes).toString('hex') !== hash) fault(`${path} is not what was signed`);
      if (path.startsWith('evidence/')) {
        counted.evidence += 1;
        if (path !== `evidence/${hash}`) fault(`${path} is not named by what it is`);
      }
      if (path.startsWith('proofs/')) {
        counted.proofs += 1;
        const wrong = proofFault(bytes.toString(), keys);
        if (wrong !== null) fault(`${path} ${wrong}`);
      }
      counted.files += 1;
    }
    for (const path of OUTSIDE) found.delete(path);
    for (const path of found) fault(`${path} is not in the list`);
    const listed = new Set(manifest.files.map(({ path }) => path));
    for (const run of manifest.files.filter(({ path }) => path.startsWith('runs/')))
      for (const { testId, evidence } of JSON.parse(read(run.path).toString()).results)
        for (const { hash } of evidence)
          if (!listed.has(`evidence/${hash}`) && !manifest.absentEvidence.includes(hash))
            fault(`${run.path}: evidence of ${testId} is neither here nor said to be absent`);
    for (const hash of manifest.absentEvidence) console.log(`evidence ${hash} is not kept any more`);
  } catch (thrown) {
    fault(`it cannot be read: ${thrown.message}`);
  }
  return counted;
}

const counted = check();
for (const text of faults) console.log(`✖ ${text}`);
console.log(
  faults.length === 0
    ? `✔ ${counted.files} files, ${counted.evidence} pieces of evidence, ${counted.proofs} proofs`
    : `${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
