/**
 * What a learning system reads of a package first. Sources: SCORM 1.2 Content Aggregation Model §2.3 (one item, one SCO) and its
 * binding names; cmi5 §13.1, 13.2 (course structure), 14.1 (cmi5.xml at the top of the zip, relative addresses).
 *
 * The bound is written as the part of the questions that has to be right, rounded down as scores are: who has that many right is
 * on it, and who has one less is below.
 */
import { html } from '#platform/html';

import { fitXml } from './fit-xml.ts';

export type PackageAbout = Readonly<{
  id: string;
  title: string;
  locale: string;
  minutes: number;
  /** Of the version, from 1. */
  seq: number;
  /** Questions that have to be right, and those that are asked. */
  needed: number;
  asked: number;
  /** Of all files but the manifest; the first page among them. */
  files: readonly string[];
}>;

export const LAUNCH = 'index.html';

export function imsManifest({ id, title, seq, needed, asked, files }: PackageAbout): string {
  const bound = Math.floor((100 * needed) / asked);
  return fitXml(html`<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="strongroom.course.${id}" version="${seq}" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="course">
    <organization identifier="course">
      <title>${title}</title>
      <item identifier="lesson" identifierref="pages" isvisible="true">
        <title>${title}</title>
        <adlcp:masteryscore>${bound}</adlcp:masteryscore>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="pages" type="webcontent" adlcp:scormtype="sco" href="${LAUNCH}">${files.map((file) => html`
      <file href="${file}"/>`)}
    </resource>
  </resources>
</manifest>
`.text);
} // prettier-ignore

/** @param site address of this installation: ids of a course are told apart by whose they are */
export function cmi5Structure({ id, title, locale, minutes, needed, asked }: PackageAbout, site: string): string {
  const bound = Math.floor((10_000 * needed) / asked) / 10_000;
  const iri = `${site.replace(/\/+$/, '')}/education/courses/${id}`;
  const said = (text: string) => html`<langstring lang="${locale}">${text}</langstring>`;
  const about = `${title} (${minutes} min, ${needed}/${asked})`;
  return fitXml(html`<?xml version="1.0" encoding="UTF-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
  <course id="${iri}">
    <title>${said(title)}</title>
    <description>${said(about)}</description>
  </course>
  <au id="${iri}/lesson" moveOn="Passed" masteryScore="${bound}" launchMethod="AnyWindow" activityType="http://adlnet.gov/expapi/activities/lesson">
    <title>${said(title)}</title>
    <description>${said(about)}</description>
    <url>${LAUNCH}</url>
  </au>
</courseStructure>
`.text);
} // prettier-ignore
