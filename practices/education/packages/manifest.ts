/**
 * imsmanifest.xml of a SCORM package: what it is called, which page begins it, by which score it is passed.
 * Sources: SCORM 1.2 Content Aggregation Model §2.3; SCORM 2004 4th Edition CAM §3.4.
 */
import { child, readOrRefuse, Refused, textOf, treeOf, within, type XmlNode } from './xml-tree.ts';

/** Path within the package, with what follows it in the address, such as `?lang=en`. */
export type Launch = Readonly<{ path: string; search: string }>;
export type Manifest = Readonly<{
  schema: '1.2' | '2004';
  title: string;
  launch: Launch;
  /** Of 100; null: the course says by itself whether it was passed. */
  mastery: number | null;
}>;
export type ManifestRead = Readonly<{ ok: true; manifest: Manifest } | { ok: false; says: string }>;

const MOST_TITLE = 200;
const FILE = 'imsmanifest.xml';

export const readManifest = (xml: string): ManifestRead => readOrRefuse(() => manifestOf(treeOf(xml, FILE)));

function manifestOf(root: XmlNode | undefined): Manifest {
  if (root?.name !== 'manifest') throw new Refused('imsmanifest.xml has no <manifest>');
  const version = textOf(child(child(root, 'metadata'), 'schemaversion'));
  const schema = version === '1.2' ? '1.2' : /^(2004|CAM 1\.3)/i.test(version) ? '2004' : null;
  if (schema === null)
    throw new Refused(`imsmanifest.xml is of ${version === '' ? 'no version' : 'another version'}: SCORM 1.2 and 2004 are taken`); // prettier-ignore
  const organizations = child(root, 'organizations');
  const all = organizations?.children.filter(({ name }) => name === 'organization') ?? [];
  const wanted = organizations?.attributes.default;
  const organization = all.find(({ attributes }) => attributes.identifier === wanted) ?? all[0];
  if (organization === undefined) throw new Refused('imsmanifest.xml has no <organization>');
  const resources = child(root, 'resources');
  const resourceOf = (item: XmlNode): XmlNode | undefined =>
    resources?.children.find(({ attributes }) => attributes.identifier === item.attributes.identifierref);
  const items = within(organization, 'item').filter(({ attributes }) => attributes.identifierref !== undefined);
  const dangling = items.find((item) => resourceOf(item) === undefined);
  if (dangling !== undefined) throw new Refused('an <item> of imsmanifest.xml leads to no <resource>');
  const parts = items.filter((item) => resourceOf(item)?.attributes.scormtype?.toLowerCase() === 'sco');
  const [item, second] = parts;
  if (item === undefined) throw new Refused('nothing in the package reports a result: no <item> leads to a resource of the type sco'); // prettier-ignore
  if (second !== undefined) throw new Refused('the package has more than one part that reports a result: export it as one (a single SCO)'); // prettier-ignore
  const resource = resourceOf(item) as XmlNode;
  const bases = [root, resources as XmlNode, resource].map(({ attributes }) => attributes.base ?? '').join('');
  const title = textOf(child(organization, 'title')) || textOf(child(item, 'title'));
  if (title === '' || title.length > MOST_TITLE)
    throw new Refused(`the course has no title of 1 to ${MOST_TITLE} letters`);
  const launch = launchOf(bases + (resource.attributes.href ?? ''), item.attributes.parameters ?? '');
  if (launch === null) throw new Refused('the first page of the course is no address within the package');
  return { schema, title, launch, mastery: masteryOf(schema, item) };
}

/** An address within the package, and nothing else: no scheme, no host, no way out of it. @returns null for any other */
export function launchOf(href: string, parameters: string): Launch | null {
  const [before = ''] = href.split(/[?#]/);
  const leads = /^[a-z][a-z0-9+.-]*:|^[/\\]|[\\\0]|%(2f|5c|00)|(^|\/)(\.|%2e){2}(\/|$)/i;
  if (before === '' || leads.test(before)) return null;
  const plus = parameters === '' ? '' : parameters.startsWith('?') || parameters.startsWith('&') ? parameters.slice(1) : parameters; // prettier-ignore
  let url: URL;
  let path: string;
  try {
    url = new URL(href, 'http://package.invalid/');
    path = decodeURIComponent(url.pathname.slice(1));
  } catch {
    return null;
  }
  if (url.origin !== 'http://package.invalid' || path === '' || path.split('/').includes('..') || `${url.search}${plus}`.length > 1000) return null; // prettier-ignore
  const search = plus.startsWith('#') ? url.search : [url.search, plus].filter((each) => each !== '').join(url.search === '' ? '' : '&'); // prettier-ignore
  return { path, search: search === '' || search.startsWith('?') ? search : `?${search}` };
}

function masteryOf(schema: Manifest['schema'], item: XmlNode): number | null {
  if (schema === '1.2') {
    const score = Number(textOf(child(item, 'masteryscore')) || Number.NaN);
    return score >= 0 && score <= 100 ? score : null;
  }
  const [objective] = within(item, 'primaryobjective');
  if (objective?.attributes.satisfiedbymeasure !== 'true') return null;
  const least = textOf(child(objective, 'minnormalizedmeasure'));
  const measure = least === '' ? 1 : Number(least);
  return measure >= 0 && measure <= 1 ? Math.round(measure * 1e6) / 1e4 : null;
}
