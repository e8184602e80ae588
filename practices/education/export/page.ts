/**
 * The one page of a package: each section of the lesson, then the questions. Without script all of it is there to be read;
 * with it, one part after the other. It runs its own scripts and has its own style, and reaches whom the package has to.
 */
import { html } from '#platform/html';
import { fillWords } from '#platform/http';

import type { Lesson } from '../lessons/lesson.ts';
import type { Quiz } from '../quiz/quiz.ts';
import { blocksHtml } from './blocks-html.ts';
import { fitXml } from './fit-xml.ts';
import { wordsFor } from './words.ts';

/** @param reaches `connect-src` of the page: SCORM speaks to the frame around it, and to no server */
export function packagePage(lesson: Lesson, quiz: Quiz, reaches: string): string {
  const { title, locale, sections, choices, minutes, sources } = lesson;
  const words = wordsFor(locale);
  const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ${reaches}; base-uri 'none'; form-action 'none'`;
  const lead = fillWords(words.lead, { minutes, questions: quiz.draw }, { language: locale, key: 'lead' });
  const parts = sections.map(
    (section, at) => html`
<section class="part" aria-labelledby="part-${at + 1}"><h2 id="part-${at + 1}" tabindex="-1">${section.title}</h2>
${blocksHtml(section.blocks, { words, choices })}</section>`,
  );
  return fitXml(html`<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><title>${title}</title><link rel="stylesheet" href="style.css"></head>
<body><a class="skip" href="#content">${words.skip}</a><div class="sheet">
<header><h1>${title}</h1><p class="lead">${lead}</p><div id="notice" role="status"></div></header>
<main id="content">${parts}
<section class="part" aria-labelledby="questions"><h2 id="questions" tabindex="-1">${words.questions}</h2>
<noscript><p>${words.noScript}</p></noscript>
<form id="quiz" novalidate></form><div id="outcome" role="status"></div></section>
</main>
<div class="row"><button type="button" id="back" hidden>${words.back}</button><span id="where"></span><button type="button" id="next" class="main" hidden>${words.next}</button></div>
<div class="row"><button type="button" id="leave" hidden>${words.leave}</button></div>
${sources.length === 0 ? null : html`<footer class="sources"><p>${words.sources}</p><ul>${sources.map((each) => html`<li>${each}</li>`)}</ul></footer>`}
</div><script src="quiz.js"></script><script src="grade.js"></script><script src="report.js"></script><script src="course.js"></script></body></html>
`.text);
} // prettier-ignore
