import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { unzip } from '#platform/testing';
import { checkpointText, formatProof, formatVerifierKey, inclusionProof, leafHash, NOTE_ED25519, noteKeyOf, rootOf, signNote } from '#platform/tlog'; // prettier-ignore

import { auditBundle } from './bundle.ts';
import { now, result, run, sample } from './sample.ts';

const evidence = new Map(['GET /v1/records/x\n403', 'POST /v1/x\n400'].map((text) => [createHash('sha256').update(text).digest('hex'), Buffer.from(text)])); // prettier-ignore
const absent = 'f'.repeat(64);

/** Three entries of a log, and proofs of two of them. */
async function proofs() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const signer = { name: 'log.example', type: NOTE_ED25519, privateKey } as const;
  const entries = ['one', 'two', 'three'].map((text) => Buffer.from(text));
  const leaves = entries.map((entry) => leafHash(entry));
  const subtree = (start: number, end: number) => Promise.resolve(rootOf(leaves.slice(start, end)));
  const note = signNote(
    checkpointText({ origin: signer.name, size: 3, root: Buffer.from(rootOf(leaves)) }),
    [signer],
    now,
  );
  const texts = [];
  for (const index of [0, 2]) texts.push(formatProof({ index, hashes: await inclusionProof(index, 3, subtree), note, extra: entries[index] ?? null })); // prettier-ignore
  return { texts, logKeys: formatVerifierKey(noteKeyOf(signer)) };
}

async function files() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { texts, logKeys } = await proofs();
  const results = [...evidence.keys(), absent].map((hash, n) => result(`AUTHZ-0${n + 1}`, 'pass', { evidence: [{ hash, kind: 'exchange', sizeBytes: 20 }] })); // prettier-ignore
  const pieces = await Array.fromAsync(
    auditBundle({
      exported: { ...sample(), runs: [run('run-1', results)] },
      readEvidence: (hash) => Promise.resolve(evidence.get(hash) ?? null),
      proofs: texts,
      logKeys,
      sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    }),
  );
  const key = createHash('sha256').update(createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' })).digest('hex'); // prettier-ignore
  return { found: unzip(Buffer.concat(pieces)), key };
}

function unpack(t: TestContext, found: ReadonlyMap<string, Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-bundle-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, bytes] of found) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

/** Plain Node, in the folder, without anything of ours. */
const verify = (folder: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['verify.mjs', ...args], { cwd: folder, env: {}, encoding: 'utf8' }); // prettier-ignore
  return { status, said: `${stdout}${stderr}` };
};

test('a bundle that nobody touched is verified offline, and says what is not kept any more', async (t) => {
  const { found, key } = await files();
  const { status, said } = verify(unpack(t, found), key);

  assert.equal(status, 0, said);
  assert.match(said, /✔ \d+ files, 2 pieces of evidence, 2 proofs/);
  assert.match(said, new RegExp(`evidence ${absent} is not kept any more`));
  assert.match(verify(unpack(t, found)).said, new RegExp(`The signer's key is ${key}`));
  for (const name of ['oscal-assessment-results', 'oscal-poam', 'findings.sarif', 'cyclonedx-declarations', 'attack-layer']) assert.ok(found.has(`exports/${name}.json`), name); // prettier-ignore
});

test('another key, and a whole bundle signed by another, are found by the key that one was told', async (t) => {
  const [one, other] = [await files(), await files()];

  assert.equal(verify(unpack(t, other.found), one.key).status, 1);
  assert.match(verify(unpack(t, other.found), one.key).said, /the signer's key is [0-9a-f]{64}, and not/);
});

test('a file that is more, missing, renamed, a link, or of another bundle is found', async (t) => {
  const [{ found, key }, other] = [await files(), await files()];
  const hash = [...evidence.keys()][0] as string;
  const changes: Readonly<Record<string, (folder: string) => void>> = {
    more: (folder) => writeFileSync(join(folder, 'evidence/more'), 'x'),
    missing: (folder) => unlinkSync(join(folder, `evidence/${hash}`)),
    renamed: (folder) => renameSync(join(folder, 'findings.json'), join(folder, 'finding.json')),
    link: (folder) => {
      cpSync(join(folder, 'tests.json'), join(dirname(folder), `${folder.split('/').at(-1)}.json`));
      unlinkSync(join(folder, 'tests.json'));
      symlinkSync(join(dirname(folder), `${folder.split('/').at(-1)}.json`), join(folder, 'tests.json'));
    },
    'manifest of another': (folder) =>
      writeFileSync(join(folder, 'manifest.json'), other.found.get('manifest.json') ?? ''),
    'keys of another log': (folder) => writeFileSync(join(folder, 'log.vkeys'), other.found.get('log.vkeys') ?? ''),
    'proof of another log': (folder) => writeFileSync(join(folder, 'proofs/1.tlog-proof'), other.found.get('proofs/1.tlog-proof') ?? ''), // prettier-ignore
  };
  for (const [name, change] of Object.entries(changes)) {
    const folder = unpack(t, found);
    change(folder);
    assert.equal(verify(folder, key).status, 1, name);
    rmSync(join(dirname(folder), `${folder.split('/').at(-1)}.json`), { force: true });
  }
});

test('any byte that is changed is found, in whatever file it is', async (t) => {
  const { found, key } = await files();
  const folder = unpack(t, found);
  for (const [name, bytes] of found) {
    // more of what is outside the list; of the others, which are hashed whole, some
    const step = ['manifest.sig', 'signer.pub', 'log.vkeys'].includes(name) ? 9 : Math.ceil(bytes.length / 2);
    for (let at = step - 1; at < bytes.length; at += step) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      writeFileSync(join(folder, name), changed);
      const { status, said } = verify(folder, key);
      assert.notEqual(status, 0, `${name} at ${at}: ${said}`);
    }
    writeFileSync(join(folder, name), bytes);
  }
  assert.equal(verify(folder, key).status, 0, readFileSync(join(folder, 'manifest.json'), 'utf8').slice(0, 100));
});

test('evidence that is not what it is named by is found, also where the list was signed over it', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { texts, logKeys } = await proofs();
  const bundle = auditBundle({ exported: sample(), readEvidence: () => Promise.resolve(Buffer.from('other')), proofs: texts, logKeys, sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)), publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string }); // prettier-ignore
  const { status, said } = verify(unpack(t, unzip(Buffer.concat(await Array.fromAsync(bundle)))));

  assert.equal(status, 1);
  assert.match(said, /evidence\/a{64} is not named by what it is/);
});

test('a proof whose entry, place or tree head is another does not hold, also in a list that was signed anew', async (t) => {
  const { texts, logKeys } = await proofs();
  const [good = ''] = texts;
  const entry = Buffer.from('forged').toString('base64');
  for (const bad of [
    good.replace(/extra \S+/, `extra ${entry}`),
    good.replace('index 0', 'index 1'),
    good.replace('\n3\n', '\n4\n'),
    good.replace(/— log\.example \S{20}/, '— log.example AAAAAAAAAAAAAAAAAAAA'),
  ]) {
    // prettier-ignore
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    assert.notEqual(bad, good);
    const bundle = (proof: string) => auditBundle({ exported: sample(), readEvidence: () => Promise.resolve(null), proofs: [proof], logKeys, sign: (bytes) => Promise.resolve(sign(null, bytes, privateKey)), publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string }); // prettier-ignore
    const signedAnew = unzip(Buffer.concat(await Array.fromAsync(bundle(bad))));
    const { status, said } = verify(unpack(t, signedAnew));
    assert.equal(status, 1);
    assert.equal(verify(unpack(t, unzip(Buffer.concat(await Array.fromAsync(bundle(good)))))).status, 0);
    assert.match(said, /proofs\/1\.tlog-proof/);
  }
});
