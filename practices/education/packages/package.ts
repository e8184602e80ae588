/** A course made elsewhere, as one text of the library: what its manifest says, and the hash of all its files. */
import type { ContentFault } from '../content/fault.ts';
import type { Manifest } from './manifest.ts';

export type Package = Manifest &
  Readonly<{
    id: string;
    /** Of all paths and contents: the version. */
    hash: string;
    locale: string;
    /** Null: until a version comes that changes what people do. */
    validityDays: number | null;
    minutes: number;
    files: number;
    sizeBytes: number;
  }>;

/** It was written by this program, after its zip was read: what does not read here was written by a newer one. */
export function readPackage(
  source: string,
): Readonly<{ ok: true; value: Package } | { ok: false; faults: readonly ContentFault[] }> {
  try {
    const read = JSON.parse(source) as Package;
    if (read.schema === '1.2' || read.schema === '2004') return { ok: true, value: read };
  } catch {
    // as below
  }
  const fault = { line: 1, path: 'package', says: 'it was imported by another version of the program', hint: 'import the course anew' }; // prettier-ignore
  return { ok: false, faults: [fault] };
}
