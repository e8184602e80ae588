/** For tests: courses of SCORM and of cmi5 as tools write them, small ones that do what is asked of them. */
import { zipOf, type ZipPart } from '#platform/testing';

export const manifest12 = (
  change: Readonly<{ href?: string; mastery?: number; head?: string; title?: string; more?: string }> = {},
): string => {
  const { href = 'index.html', mastery, head = '', title = 'Bought: fire &amp; water', more = '' } = change;
  return `<?xml version="1.0"?>${head}
<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>${title}</title><item identifier="i" identifierref="r"><title>Part</title>${mastery === undefined ? '' : `<adlcp:masteryscore>${mastery}</adlcp:masteryscore>`}</item>${more}</organization></organizations>
<resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="${href}"><file href="index.html"/></resource></resources></manifest>`;
};
export const manifest2004 = (): string => `<?xml version="1.0" standalone="no"?>
<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>Bought: 2004</title><item identifier="i" identifierref="r" parameters="?lang=en"><title>Part</title>
<imsss:sequencing><imsss:objectives><imsss:primaryObjective satisfiedByMeasure="true" objectiveID="p"><imsss:minNormalizedMeasure>0.7</imsss:minNormalizedMeasure></imsss:primaryObjective></imsss:objectives></imsss:sequencing></item></organization></organizations>
<resources xml:base="content/"><resource identifier="r" type="webcontent" adlcp:scormType="sco" href="start%20here.html"/></resources></manifest>`;

/** A page with a course in it: it looks for the API as courses do, up the frames. */
export const coursePage = (
  script: string,
): string => `<!doctype html><html lang="en"><head><title>Course</title></head><body><h1>Course</h1><p id="said"></p><script>
const find = (name) => { for (let at = window, hops = 0; hops < 7; hops += 1, at = at.parent) { try { if (at[name]) return at[name]; } catch { return null; } } return null; };
const api = find('API') ?? find('API_1484_11');
${script}
</script></body></html>`;

export const good12 = (
  script = '',
  change: Parameters<typeof manifest12>[0] = {},
  more: readonly ZipPart[] = [],
): Buffer =>
  zipOf([
    { name: 'imsmanifest.xml', bytes: manifest12(change) },
    { name: 'index.html', bytes: coursePage(script) },
    ...more,
  ]);
export const good2004 = (script = ''): Buffer =>
  zipOf([
    { name: 'imsmanifest.xml', bytes: manifest2004() },
    { name: 'content/', bytes: '', packed: false, mode: 0o040755 },
    { name: 'content/start here.html', bytes: coursePage(script) },
  ]);

type PartWritten = Readonly<{
  id?: string;
  url?: string;
  moveOn?: string;
  mastery?: string;
  launch?: string;
  more?: string;
}>;
const named = (name: string): string => `<title><langstring lang="en">${name}</langstring></title><description><langstring lang="en">.</langstring></description>`; // prettier-ignore
/** A part of cmi5, as it stands in cmi5.xml. */
export const au = ({ id = 'https://maker.example/au/1', url = 'index.html', moveOn = 'Passed', mastery, launch = 'AnyWindow', more = '' }: PartWritten = {}): string =>
  `<au id="${id}" moveOn="${moveOn}" launchMethod="${launch}"${mastery === undefined ? '' : ` masteryScore="${mastery}"`}>${named('A part')}<url>${url}</url>${more}</au>`; // prettier-ignore
export const block = (id: string, inner: string): string => `<block id="${id}">${named('A block')}${inner}</block>`;
export const structure5 = (inner: string = au(), head = ''): string =>
  `<?xml version="1.0"?>${head}<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"><course id="https://maker.example/course">${named('Bought: parts &amp; blocks')}</course>${inner}</courseStructure>`;
export const good5 = (inner: string = au(), page = '<!doctype html><title>x</title><p>A part', more: readonly ZipPart[] = []): Buffer =>
  zipOf([{ name: 'cmi5.xml', bytes: structure5(inner) }, { name: 'index.html', bytes: page }, ...more]); // prettier-ignore
