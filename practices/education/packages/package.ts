/** A course made elsewhere, as one text of the library: what it says of itself, and the hash of all its files. */
import type { ContentFault } from '../content/fault.ts';
import type { CourseStructure } from '../cmi5/structure.ts';
import type { Manifest } from './manifest.ts';

/** What its kind says: one page that reports, of SCORM; parts in blocks, of cmi5. */
export type Contents = Manifest | CourseStructure;

type About = Readonly<{
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
export type ScormPackage = Manifest & About;
export type Cmi5Package = CourseStructure & About;
export type Package = ScormPackage | Cmi5Package;

export const isCmi5 = (read: Package): read is Cmi5Package => read.schema === 'cmi5';
/** How many of its parts are begun by themselves. */
export const partsOf = (read: Package): number => (isCmi5(read) ? read.parts.length : 1);

/** It was written by this program, after its zip was read: what does not read here was written by a newer one. */
export function readPackage(
  source: string,
): Readonly<{ ok: true; value: Package } | { ok: false; faults: readonly ContentFault[] }> {
  try {
    const read = JSON.parse(source) as Package;
    if (['1.2', '2004', 'cmi5'].includes(read.schema)) return { ok: true, value: read };
  } catch {
    // as below
  }
  const fault = { line: 1, path: 'package', says: 'it was imported by another version of the program', hint: 'import the course anew' }; // prettier-ignore
  return { ok: false, faults: [fault] };
}
