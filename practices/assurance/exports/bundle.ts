/**
 * What an auditor takes away: tests, results, findings, evidence and proofs as files, with a list of all of them that is
 * signed, and a program that checks it without us. Source: docs/formats/audit-bundle.md
 *
 * | path | what |
 * |---|---|
 * | `manifest.json`, `manifest.sig` | each file with its SHA-256 and size; Ed25519 over the bytes of the first, base64 |
 * | `signer.pub`, `log.vkeys` | the key of the signature (SPKI, PEM); the keys of the log (C2SP), a line each |
 * | `tests.json`, `findings.json`, `runs/<n>.json` | as they stand |
 * | `evidence/<sha-256>` | named by what it is |
 * | `proofs/<n>.tlog-proof` | C2SP tlog-proof: an entry of the audit log, and that it is in it |
 * | `exports/…` | OSCAL, SARIF, CycloneDX, the layer |
 * | `verify.mjs` | checks all of it; plain Node, no packages |
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { zipOf, type ZipFile } from '#platform/zip';

import { attackLayer } from './attack-layer.ts';
import { declarations } from './declarations.ts';
import type { Exported } from './exported.ts';
import { oscalPoam } from './oscal-poam.ts';
import { oscalResults } from './oscal-results.ts';
import { sarifLog } from './sarif-log.ts';

export const BUNDLE_FORMAT = 'strongroom/audit-bundle/1';

export type BundleNeeds = Readonly<{
  exported: Exported;
  /** The bytes of a piece of evidence; null where it is not kept any more: the list says so. */
  readEvidence: (hash: string) => Promise<Uint8Array | null>;
  /** C2SP tlog-proofs with the entry as their `extra`. */
  proofs: AsyncIterable<string> | Iterable<string>;
  /** The log's verifier keys, a line each. */
  logKeys: string;
  /** Ed25519. */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** SPKI as PEM. */
  publicKey: string;
}>;

type Listed = Readonly<{ path: string; sha256: string; sizeBytes: number }>;

/** The archive, as it streams: one file in memory at a time. */
export async function* auditBundle(needs: BundleNeeds): AsyncGenerator<Buffer> {
  yield* zipOf(filesOf(needs));
}

async function* filesOf(needs: BundleNeeds): AsyncGenerator<ZipFile> {
  const { exported, sign, publicKey, logKeys } = needs;
  const at = exported.now;
  const listed: Listed[] = [];
  const absent: string[] = [];
  for await (const { path, bytes } of contents(needs, absent)) {
    listed.push({ path, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length });
    yield { name: path, at, content: once(bytes) };
  }
  const manifest = Buffer.from(
    written({
      format: BUNDLE_FORMAT,
      system: exported.system,
      madeAt: at.toISOString(),
      // of what results name, and nobody has any more
      absentEvidence: absent,
      files: listed.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    }),
  );
  yield { name: 'manifest.json', at, content: once(manifest) };
  yield { name: 'manifest.sig', at, content: once(Buffer.from(`${Buffer.from(await sign(manifest)).toString('base64')}\n`)) }; // prettier-ignore
  yield { name: 'signer.pub', at, content: once(Buffer.from(publicKey)) };
  yield { name: 'log.vkeys', at, content: once(Buffer.from(`${logKeys.trimEnd()}\n`)) };
}

type Content = Readonly<{ path: string; bytes: Uint8Array }>;

async function* contents({ exported, readEvidence, proofs }: BundleNeeds, absent: string[]): AsyncGenerator<Content> {
  const { tests, runs, findings } = exported;
  const verifier = await readFile(new URL('./verify.mjs', import.meta.url));
  yield { path: 'verify.mjs', bytes: verifier };
  yield { path: 'README.txt', bytes: Buffer.from(README) };
  yield { path: 'tests.json', bytes: Buffer.from(written(tests)) };
  yield { path: 'findings.json', bytes: Buffer.from(written(findings)) };
  for (const [n, run] of runs.entries()) yield { path: `runs/${n + 1}.json`, bytes: Buffer.from(written(run)) };
  const hashes = new Set(runs.flatMap(({ results }) => results.flatMap(({ evidence }) => evidence.map(({ hash }) => hash)))); // prettier-ignore
  for (const hash of [...hashes].toSorted()) {
    const bytes = await readEvidence(hash);
    if (bytes === null) absent.push(hash);
    else yield { path: `evidence/${hash}`, bytes };
  }
  let n = 0;
  for await (const proof of proofs) {
    n += 1;
    yield { path: `proofs/${n}.tlog-proof`, bytes: Buffer.from(proof) };
  }
  const documents = {
    'oscal-assessment-results': oscalResults(exported),
    'oscal-poam': oscalPoam(exported),
    'findings.sarif': sarifLog(exported),
    'cyclonedx-declarations': declarations(exported),
    'attack-layer': attackLayer(exported),
  };
  for (const [name, document] of Object.entries(documents))
    if (document !== null) yield { path: `exports/${name}.json`, bytes: Buffer.from(written(document)) };
}

const written = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const README = `What stands here, and how to check it without those who made it

1. Get the signer's key, or its SHA-256, from somewhere else than this archive: the key within it could be anybody's.
2. Run, with Node 20 or later, in this folder:

     node verify.mjs <SHA-256 of the signer's key>

   It ends with 0 where every file is what the signed list says, none is missing and none is more, each piece of evidence
   is what it is named by, and each proof leads from its entry to a tree head that the log has signed. It reads verify.mjs
   itself too; who does not trust it, reads it first: it is short, and needs nothing but Node.
`;
