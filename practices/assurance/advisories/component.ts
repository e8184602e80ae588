/** A part of the product, and how the records of advisories name it. */
import { PackageURL } from 'packageurl-js';

export type Component = Readonly<{
  /** With its version. */
  purl: string;
  /** As OSV spells it: `npm`, `PyPI`. */
  ecosystem: string;
  /** As OSV spells it: `@scope/name`, `group:artifact`. */
  name: string;
  version: string;
}>;

/** purl types → ecosystems of OSV, where the two differ. */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  npm: 'npm', pypi: 'PyPI', golang: 'Go', cargo: 'crates.io', maven: 'Maven', nuget: 'NuGet', gem: 'RubyGems',
  composer: 'Packagist', hex: 'Hex', pub: 'Pub', deb: 'Debian', apk: 'Alpine',
}; // prettier-ignore

/** @returns null for what is no package URL, or is of no ecosystem that OSV has */
export function componentOf(text: string): Component | null {
  let purl: PackageURL;
  try {
    purl = PackageURL.fromString(text);
  } catch {
    return null;
  }
  const ecosystem = ECOSYSTEMS[purl.type ?? ''];
  if (ecosystem === undefined || !purl.name) return null;
  const { namespace, name, version, type } = purl;
  const isFlat = type === 'deb' || type === 'apk' || !namespace;
  const full = isFlat ? name : `${namespace}${type === 'maven' ? ':' : '/'}${name}`;
  return { purl: plainPurl(purl), ecosystem, name: full, version: version ?? '' };
}

/** The place that a finding about it has, and the version: of what is no package URL, the text and no version. */
export function versionedPart(purl: string): Readonly<{ base: string; version: string; whole: string }> {
  const part = componentOf(purl);
  if (part === null) return { base: purl, version: '', whole: purl };
  return { base: part.purl.slice(0, part.purl.lastIndexOf('@')), version: part.version, whole: part.purl };
}

/** Without qualifiers and path: they say where it was got, not what it is. */
const plainPurl = ({ type, namespace, name, version }: PackageURL): string =>
  new PackageURL(type ?? '', namespace, name ?? '', version, undefined, undefined).toString();

export function npmComponent(name: string, version: string): Component {
  const at = name.startsWith('@') ? name.indexOf('/') : -1;
  const [namespace, short] = at < 0 ? [undefined, name] : [name.slice(0, at), name.slice(at + 1)];
  const purl = new PackageURL('npm', namespace, short, version, undefined, undefined).toString();
  return { purl, ecosystem: 'npm', name, version };
}

/** One spelling for a package of an ecosystem: what parts and records are looked up by. */
export const nameKey = (ecosystem: string, name: string): string =>
  `${(ecosystem.split(':')[0] ?? '').toLowerCase()} ${name}`;

/** `Debian:12` and `Debian` are one here: which release is in the record's own versions. */
export const sameEcosystem = (one: string, other: string): boolean =>
  (one.split(':')[0] ?? '').toLowerCase() === (other.split(':')[0] ?? '').toLowerCase();
