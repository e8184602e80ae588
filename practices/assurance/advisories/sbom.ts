/** What the product is made of: CycloneDX (as `@cyclonedx/cyclonedx-npm` writes it), or npm's own lock file. */
import { componentOf, npmComponent, type Component } from './component.ts';
import { isMembers, listOf, membersOf, wordOf } from '../shape.ts';
import { advisoryFailure } from './failures.ts';
import { parsed } from './parsed.ts';

export type Sbom = Readonly<{
  components: readonly Component[];
  /** Parts that no record can name: no package URL, or of an ecosystem that OSV does not have. */
  unnamed: readonly string[];
}>;

/** @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE */
export function readSbom(bytes: Uint8Array): Sbom {
  const value = membersOf(parsed(bytes, 'the list of parts'));
  if (wordOf(value.bomFormat) === 'CycloneDX') return unique(fromCycloneDx(value.components));
  if (isMembers(value.packages) && [2, 3].includes(Number(value.lockfileVersion)))
    return unique(fromLock(value.packages));
  throw advisoryFailure('ADVISORY_MALFORMED', {
    detail: 'the list of parts is neither CycloneDX as JSON nor a package-lock.json of version 2 or 3',
  });
}

type Found = Component | string;

function fromCycloneDx(components: unknown): readonly Found[] {
  return listOf(components)
    .filter(isMembers)
    .flatMap((each) => {
      const purl = wordOf(each.purl);
      const name = wordOf(each.name) ?? 'without a name';
      const found: Found = (purl === undefined ? null : componentOf(purl)) ?? name;
      return [found, ...fromCycloneDx(each.components)];
    });
}

/** `node_modules/a/node_modules/@b/c`; links are of this very project. An alias says its own name. */
function fromLock(packages: Readonly<Record<string, unknown>>): readonly Found[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const at = path.lastIndexOf('node_modules/');
    const { version, name, link } = membersOf(entry);
    if (at < 0 || link === true) return [];
    const called = wordOf(name) ?? path.slice(at + 'node_modules/'.length);
    const number = wordOf(version);
    return [number === undefined ? called : npmComponent(called, number)];
  });
}

function unique(found: readonly Found[]): Sbom {
  const components = new Map<string, Component>();
  const unnamed = new Set<string>();
  for (const each of found) {
    if (typeof each === 'string') unnamed.add(each);
    else components.set(each.purl, each);
  }
  return { components: [...components.values()], unnamed: [...unnamed] };
}
