/**
 * Takes a zip in: to a file of its own for a moment, looked through, hashed, and then piece by piece into the database
 * together with the version that it becomes, or not at all.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Statements } from '#platform/db';

import { educationFailure } from '../failures.ts';
import { insertChunk, insertFile } from '../store/packages.ts';
import { FILE as CMI5, readCourseStructure } from '../cmi5/structure.ts';
import { readManifest } from './manifest.ts';
import type { Contents } from './package.ts';
import { openZip, type Zip, type ZipLimits } from './zip.ts';

/** Of the zip. */
export const MOST_ZIP_BYTES = 256 * 2 ** 20;
export const CHUNK_BYTES = 256 * 1024;
const MOST_MANIFEST_BYTES = 4 * 2 ** 20;
/** In this order: one that can be run as both is taken as it was before cmi5. */
const KINDS = [
  { file: 'imsmanifest.xml', read: readManifest },
  { file: CMI5, read: readCourseStructure },
] as const;

export type TakenIn = Readonly<{
  manifest: Contents;
  /** Of all paths and contents, base64url. */
  hash: string;
  files: number;
  sizeBytes: number;
  /** Writes all files down. */
  store: (tx: Statements) => Promise<void>;
}>;

/** @throws EDUCATION_PACKAGE_INVALID, EDUCATION_PACKAGE_TOO_LARGE */
export async function withPackage<T>(upload: Readable, use: (taken: TakenIn) => Promise<T>, limits?: ZipLimits): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-course-'));
  try {
    const file = join(folder, 'package.zip');
    await pipeline(upload, atMost(MOST_ZIP_BYTES), createWriteStream(file, { mode: 0o600 }));
    const zip = await openZip(file, (await stat(file)).size, limits);
    try {
      return await use(await lookThrough(zip));
    } finally {
      zip.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} // prettier-ignore

async function lookThrough(zip: Zip): Promise<TakenIn> {
  const manifest = await contentsOf(zip);
  const paths = new Set(zip.files.map(({ path }) => path));
  const pages = manifest.schema === 'cmi5' ? manifest.parts.map(({ launch }) => launch) : [manifest.launch];
  const missing = pages.findIndex(({ path }) => !paths.has(path));
  if (missing >= 0) {
    const which = manifest.schema === 'cmi5' ? `the first page of part ${missing + 1}, which cmi5.xml` : 'the first page that imsmanifest.xml'; // prettier-ignore
    throw educationFailure('PACKAGE_INVALID', { detail: `${which} names is not in the package` });
  }
  const hashed: { path: string; sha256: string; size: number }[] = [];
  for (const { path, read: open } of zip.files) {
    const hash = createHash('sha256');
    let size = 0;
    await drain(await open(), (piece) => {
      size += piece.length;
      hash.update(piece);
    });
    hashed.push({ path, sha256: hash.digest('hex'), size });
  }
  const lines = hashed.map(({ path, sha256 }) => `${sha256} ${path}\n`).toSorted();
  const hash = createHash('sha256').update(lines.join('')).digest('base64url');
  return {
    manifest,
    hash,
    files: hashed.length,
    sizeBytes: hashed.reduce((sum, { size }) => sum + size, 0),
    store: async (tx) => {
      for (const [at, { path, sha256, size }] of hashed.entries()) {
        await insertFile(tx, { package: hash, path, sha256, size: String(size) });
        let n = 0;
        const put = async (bytes: Buffer) => insertChunk(tx, { package: hash, path, n: n++, bytes });
        let held: Buffer = Buffer.alloc(0);
        await drain(await (zip.files[at] as Zip['files'][number]).read(), async (piece) => {
          held = held.length === 0 ? piece : Buffer.concat([held, piece]);
          for (; held.length >= CHUNK_BYTES; held = held.subarray(CHUNK_BYTES)) await put(held.subarray(0, CHUNK_BYTES));
        });
        if (held.length > 0) await put(held);
      }
    },
  };
} // prettier-ignore

async function contentsOf(zip: Zip): Promise<Contents> {
  const kind = KINDS.find(({ file }) => zip.files.some(({ path }) => path === file));
  const own = zip.files.find(({ path }) => path === kind?.file);
  if (kind === undefined || own === undefined) throw educationFailure('PACKAGE_INVALID', { detail: 'there is no imsmanifest.xml and no cmi5.xml at its top' });
  if (own.size > MOST_MANIFEST_BYTES) throw educationFailure('PACKAGE_TOO_LARGE', { detail: `its ${kind.file} is larger than a manifest is` });
  const pieces: Buffer[] = [];
  await drain(await own.read(), (piece) => void pieces.push(piece));
  const read = kind.read(Buffer.concat(pieces).toString('utf8').replace(/^\uFEFF/, ''));
  if (!read.ok) throw educationFailure('PACKAGE_INVALID', { detail: read.says });
  return read.manifest;
} // prettier-ignore

/** @throws EDUCATION_PACKAGE_INVALID where its bytes are others than its entry says */
async function drain(stream: Readable, take: (piece: Buffer) => void | Promise<void>): Promise<void> {
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) await take(piece);
  } catch (thrown) {
    const { code = '' } = thrown as { code?: string };
    // of zlib, and of yauzl, whose errors have no code; the database's have one of theirs
    if (code === '' || code.startsWith('Z_'))
      throw educationFailure('PACKAGE_INVALID', { detail: 'a file in it has other bytes than the zip says', cause: thrown });
    throw thrown;
  }
} // prettier-ignore

function atMost(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      left -= piece.length;
      if (left < 0) done(educationFailure('PACKAGE_TOO_LARGE', { detail: `the zip has more than ${bytes} bytes` }));
      else done(null, piece);
    },
  });
}
