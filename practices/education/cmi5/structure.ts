/**
 * cmi5.xml: which parts (assignable units) a course has, in which blocks, and what each asks for to be done.
 * Source: cmi5 Quartz §13.1 (data), §14.1 (packages). Names are matched without their prefix: tools bind several namespaces.
 */
import { launchOf, type Launch } from '../packages/manifest.ts';
import { child, readOrRefuse, Refused, textOf, treeOf, type XmlNode } from '../packages/xml-tree.ts';

export const MOVE_ON = ['NotApplicable', 'Passed', 'Completed', 'CompletedAndPassed', 'CompletedOrPassed'] as const;
export type MoveOn = (typeof MOVE_ON)[number];

export type Part = Readonly<{
  /** An IRI of who made it; in what the course is told, ids of ours stand for it. */
  publisherId: string;
  title: string;
  launch: Launch;
  moveOn: MoveOn;
  /** Of 1; null: the part says by itself whether it was passed. */
  masteryScore: number | null;
  launchParameters: string | null;
  entitlementKey: string | null;
  /** Place of its block; null: it is in none. */
  block: number | null;
}>;
export type Block = Readonly<{ publisherId: string; title: string; parent: number | null }>;
export type CourseStructure = Readonly<{
  schema: 'cmi5';
  title: string;
  publisherId: string;
  /** In the order of the file, as somebody is to take them. */
  parts: readonly Part[];
  blocks: readonly Block[];
}>;
export type StructureRead = Readonly<{ ok: true; manifest: CourseStructure } | { ok: false; says: string }>;

export const FILE = 'cmi5.xml';
/** cmi5 §6.1 asks for more than a thousand. */
const MOST_PARTS = 2000;
const MOST_BLOCKS = 1000;
const MOST_TITLE = 200;
const MOST_IRI = 500;
const MOST_PARAMETERS = 8000;
/** What a launch adds: an address of its own may not have them (§8.1). */
export const LAUNCH_NAMES = ['endpoint', 'fetch', 'actor', 'registration', 'activityId'] as const;

export const readCourseStructure = (xml: string): StructureRead => readOrRefuse(() => structureOf(treeOf(xml, FILE)));

function structureOf(root: XmlNode | undefined): CourseStructure {
  if (root?.name !== 'coursestructure') throw new Refused('cmi5.xml has no <courseStructure>');
  const course = child(root, 'course');
  if (course === undefined) throw new Refused('cmi5.xml has no <course>');
  const publisherId = iriOf(course, 'the course');
  const title = titleOf(course, 'the course');
  const parts: Part[] = [];
  const blocks: Block[] = [];
  const walk = (node: XmlNode, parent: number | null): void => {
    for (const each of node.children) {
      if (each.name === 'block') {
        if (blocks.length === MOST_BLOCKS) throw new Refused(`the course has more than ${MOST_BLOCKS} blocks`);
        const what = `block ${blocks.length + 1}`;
        const at = blocks.push({ publisherId: iriOf(each, what), title: titleOf(each, what), parent }) - 1;
        const before = parts.length;
        walk(each, at);
        if (parts.length === before) throw new Refused(`${what} has no part in it`);
      } else if (each.name === 'au') {
        if (parts.length === MOST_PARTS) throw new Refused(`the course has more than ${MOST_PARTS} parts`);
        parts.push(partOf(each, parent, `part ${parts.length + 1}`));
      }
    }
  };
  walk(root, null);
  if (parts.length === 0) throw new Refused('the course has no part: cmi5.xml has no <au>');
  if (parts.every(({ moveOn }) => moveOn === 'NotApplicable'))
    throw new Refused('nothing in the course says whether it was done: moveOn of each part is NotApplicable');
  for (const all of [parts, blocks])
    if (new Set(all.map((each) => each.publisherId)).size < all.length) throw new Refused('two parts, or two blocks, have the same id'); // prettier-ignore
  return { schema: 'cmi5', title, publisherId, parts, blocks };
}

function partOf(node: XmlNode, block: number | null, what: string): Part {
  const { moveon = 'NotApplicable', launchmethod = 'AnyWindow', masteryscore } = trimmed(node.attributes);
  const moveOn = MOVE_ON.find((each) => each === moveon);
  if (moveOn === undefined) throw new Refused(`moveOn of ${what} is none of ${MOVE_ON.join(', ')}`);
  if (launchmethod === 'OwnWindow') throw new Refused(`${what} asks for a window of its own (launchMethod="OwnWindow"): courses are shown in a frame, export it with AnyWindow`); // prettier-ignore
  if (launchmethod !== 'AnyWindow') throw new Refused(`launchMethod of ${what} is neither AnyWindow nor OwnWindow`);
  if (masteryscore !== undefined && !/^(0(\.\d{1,4})?|1(\.0{1,4})?)$/.test(masteryscore))
    throw new Refused(`masteryScore of ${what} is no number of 0 to 1 with at most four decimals`);
  const url = textOf(child(node, 'url'));
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url)) throw new Refused(`${what} is somewhere else: its <url> leads out of the package, and courses reach nothing outside of theirs`); // prettier-ignore
  const launch = launchOf(url, '');
  if (launch === null) throw new Refused(`the <url> of ${what} is no address within the package`);
  const own = new URLSearchParams(launch.search);
  const taken = LAUNCH_NAMES.find((name) => own.has(name));
  if (taken !== undefined) throw new Refused(`the <url> of ${what} has "${taken}" of its own, which a launch adds`);
  const [launchParameters, entitlementKey] = ['launchparameters', 'entitlementkey'].map((name) => {
    const found = child(node, name);
    if (found === undefined) return null;
    if (found.text.length > MOST_PARAMETERS) throw new Refused(`${what} has more than ${MOST_PARAMETERS} letters to be launched with`); // prettier-ignore
    return found.text.trim();
  }) as [string | null, string | null];
  return {
    publisherId: iriOf(node, what), title: titleOf(node, what), launch, moveOn, masteryScore: masteryscore === undefined ? null : Number(masteryscore),
    launchParameters, entitlementKey, block,
  };
} // prettier-ignore

const trimmed = (attributes: XmlNode['attributes']): XmlNode['attributes'] =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, value.trim()]));

/** An absolute one: it stands in statements, where a relative one would be nobody's. */
function iriOf({ attributes }: XmlNode, what: string): string {
  const id = (attributes.id ?? '').trim();
  if (!isIri(id)) throw new Refused(`the id of ${what} is no absolute address (IRI)`);
  return id;
}
export const isIri = (text: string): boolean =>
  text.length <= MOST_IRI && /^[a-z][a-z0-9+.-]*:[^\s\p{Cc}\p{Cs}<>"{}|\\^`]+$/iu.test(text);

/** The first of its languages. */
function titleOf(node: XmlNode, what: string): string {
  const title = textOf(child(child(node, 'title'), 'langstring'));
  if (title === '' || title.length > MOST_TITLE) throw new Refused(`${what} has no title of 1 to ${MOST_TITLE} letters`); // prettier-ignore
  return title;
}
