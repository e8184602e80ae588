/** A course as a package: what is in it, whatever its texts say, and that it grades as the server does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';

import fc from 'fast-check';
import { SaxesParser } from 'saxes';

import { unzip } from '#platform/testing';

import { drawQuestions, shownOrder } from '../quiz/draw.ts';
import { gradeAnswers, neededOf } from '../quiz/grade.ts';
import type { Question, Quiz } from '../quiz/quiz.ts';
import { readManifest } from '../packages/manifest.ts';
import { shippedCourse as one, shippedCourses as shipped } from '../testing-shipped.ts';
import { coursePackage, packageFiles, type Exported } from './course-package.ts';
import { fitXml } from './fit-xml.ts';
import { GRADE_SCRIPT } from './grade-script.ts';
import { cmi5Structure, imsManifest, type PackageAbout } from './manifests.ts';
import { wordsFor } from './words.ts';

const SITE = 'https://strongroom.example/';
const textOf = (as: 'scorm12' | 'cmi5', name: string, of = one()): string =>
  packageFiles(as, of, SITE).find((file) => file.name === name)?.text ?? assert.fail(name);

const HOSTILE = `]]>&amp;<script>alert('1')</script>"'--><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;\u0000\u0007\ufffe\ud800`;
const about = (title: string): PackageAbout => ({
  id: 'fire', title, locale: 'de-AT', minutes: 6, seq: 3, needed: 4, asked: 5, files: ['index.html', 'a & b.js'],
}); // prettier-ignore

type Seen = { names: string[]; texts: string[] };
/** The slow twin: a strict parser that knows no entity but the five. */
function parsed(xml: string): Seen {
  const seen: Seen = { names: [], texts: [] };
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (fault) => assert.fail(`${fault.message}\n${xml}`));
  parser.on('doctype', () => assert.fail('a doctype'));
  parser.on('opentag', ({ uri, local }) => void seen.names.push(`${uri} ${local}`));
  parser.on('text', (text) => void seen.texts.push(text));
  parser.write(xml).close();
  return seen;
}

test('each shipped lesson becomes a package of either kind, the same bytes each time, and our own import reads it', async () => {
  for (const of of shipped()) {
    const zip = await coursePackage('scorm12', of, SITE);
    assert.ok(zip.equals(await coursePackage('scorm12', of, SITE)), of.lesson.id);
    const files = unzip(zip);
    const read = readManifest(String(files.get('imsmanifest.xml')));
    assert.ok(read.ok, read.ok ? '' : read.says);
    const { schema, title, launch, mastery } = read.manifest;
    assert.deepEqual([schema, title, launch.path, mastery], ['1.2', of.lesson.text().title, 'index.html', 80]);
    const listed = [...String(files.get('imsmanifest.xml')).matchAll(/<file href="([^"]+)"/g)].map(([, name]) => name);
    assert.deepEqual(new Set(['imsmanifest.xml', ...listed]), new Set(files.keys()), 'each file is named');
    const cmi5 = unzip(await coursePackage('cmi5', of, SITE));
    assert.deepEqual(new Set(cmi5.keys()), new Set(['cmi5.xml', ...listed]));
  }
});

test('whatever a title says, a manifest is XML that says it, and nothing of it is taken for XML', () => {
  const anything = fc.oneof(fc.constant(HOSTILE), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(anything, (title) => {
      for (const xml of [imsManifest(about(title)), cmi5Structure(about(title), SITE)]) {
        const { names, texts } = parsed(xml);
        assert.ok(names.every((name) => !name.endsWith(' script')));
        // line ends of XML are one (§2.11)
        const said = fitXml(title).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
        assert.ok(texts.join('').includes(said), xml);
      }
    }),
    { numRuns: 200 },
  );
});

test('the course structure has the names, order and values that cmi5 §13 asks for', () => {
  const { names } = parsed(cmi5Structure(about('Fire'), SITE));
  const cmi5 = 'https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd';
  assert.deepEqual(names, ['courseStructure', 'course', 'title', 'langstring', 'description', 'langstring', 'au', 'title', 'langstring', 'description', 'langstring', 'url'].map((name) => `${cmi5} ${name}`)); // prettier-ignore
  const xml = cmi5Structure(about('Fire'), SITE);
  assert.match(xml, /<course id="https:\/\/strongroom\.example\/education\/courses\/fire">/);
  assert.match(xml, /<au id="https:\/\/strongroom\.example\/education\/courses\/fire\/lesson" moveOn="Passed" masteryScore="0\.8" launchMethod="AnyWindow"/);
  assert.match(xml, /<langstring lang="de-AT">Fire<\/langstring>/);
}); // prettier-ignore

test('the bound in a manifest and the scores that are told agree with what is passed here, for every quiz', () => {
  for (let asked = 3; asked <= 20; asked += 1)
    for (let mastery = 50; mastery <= 100; mastery += 1) {
      const needed = neededOf({ mastery: mastery / 100 }, asked);
      const bound = Number(/<adlcp:masteryscore>(\d+)</.exec(imsManifest({ ...about('x'), needed, asked }))?.[1]);
      for (let right = 0; right <= asked; right += 1)
        assert.equal(Math.floor((100 * right) / asked) >= bound, right >= needed, `${right} of ${asked}, ${mastery}`);
    }
});

test('texts of an author stay texts in the page, and it names no other server', () => {
  const { lesson, quiz } = one();
  const evil = `<img src=x onerror=alert(1)>&"'`;
  const text = { ...lesson.text(), title: evil, sources: [evil], choices: [{ line: 1, asks: evil, options: [] }] };
  const of: Exported = { lesson: { ...lesson, text: () => text }, quiz };
  const page = textOf('scorm12', 'index.html', of);
  assert.ok(!page.includes('<img') && page.includes('&lt;img src=x onerror=alert(1)&gt;'));
  for (const each of shipped())
    for (const as of ['scorm12', 'cmi5'] as const)
      for (const { name, text: written } of packageFiles(as, each, SITE)) {
        if (name.endsWith('.xml') || name === 'README.txt') continue;
        const fetched = [...written.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target]) => target ?? '');
        const here = ['style.css', 'quiz.js', 'grade.js', 'report.js', 'course.js'];
        for (const target of fetched)
          assert.ok(here.includes(target) || target === '#content' || /^(https:\/\/|mailto:)/.test(target), `${name}: ${target}`); // prettier-ignore
        assert.doesNotMatch(written, /<(script|link|img|iframe)[^>]+(src|href)="(https?:)?\/\//, name);
        assert.doesNotMatch(written, /url\(|@import|innerHTML|eval\(/, name);
      }
  assert.match(textOf('scorm12', 'index.html'), /connect-src &#39;none&#39;;/);
  assert.match(textOf('cmi5', 'index.html'), /connect-src http: https:/);
});

test('exercises stay behind and the package says which; that it has the key is said too', () => {
  const page = textOf('scorm12', 'index.html');
  const readMe = textOf('scorm12', 'README.txt');
  assert.ok(!page.includes('spot-a-false-officer') && readMe.includes('spot-a-false-officer'));
  assert.match(readMe, /CONTAINS THE KEY/);
  assert.match(readMe, /signature/);
  const practising = shipped().find(({ lesson }) => lesson.text().practises.length > 0);
  if (practising !== undefined) assert.match(textOf('cmi5', 'README.txt', practising), /not passed without/);
});

test('each language says the same things, and fills in the same words', () => {
  const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name ?? '').toSorted();
  const english = wordsFor('en');
  for (const locale of ['de', 'fr-FR', 'es']) {
    const words = wordsFor(locale);
    for (const key of Object.keys(english) as (keyof typeof english)[]) assert.deepEqual([...new Set(holes(words[key]))], [...new Set(holes(english[key]))], `${locale} ${key}`); // prettier-ignore
    assert.notEqual(words.handIn, english.handIn);
  }
  assert.equal(wordsFor('it').handIn, english.handIn);
});

type Graded = {
  draw: (quiz: Quiz) => { question: Question; order: number[] }[];
  isRight: (question: Question, own: readonly number[]) => boolean;
};
const grader = (): Graded => {
  const context = createContext({ crypto: globalThis.crypto });
  runInContext(GRADE_SCRIPT, context);
  return (context as unknown as { strongroomGrade: Graded }).strongroomGrade;
};

test('the page grades every answer as the server grades it, and draws as many, each once, of all there are', () => {
  const { isRight, draw } = grader();
  const all = shipped().map(({ quiz }) => quiz.text());
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.string({ minLength: 16 }), fc.infiniteStream(fc.nat()), (quiz, seed, dice) => {
      const roll = (limit: number): number => (dice.next().value as number) % limit;
      const drawn = drawQuestions(quiz, seed);
      const answers = drawn.map(({ options, kind }) => {
        const places = options.map((_, at) => at).filter(() => kind === 'order' || kind === 'match' || roll(2) === 0);
        return places.toSorted(() => roll(3) - 1);
      });
      const grade = gradeAnswers(quiz, seed, [], answers);
      const own = drawn.map(({ id }, at) => {
        const question = quiz.questions.find((each) => each.id === id) as Question;
        return isRight(question, (answers[at] as number[]).map((place) => shownOrder(question, seed)[place] as number));
      });
      assert.deepEqual(own, grade?.questions.map(({ right }) => right));
    }),
    { numRuns: 500 },
  );
  for (const quiz of all) {
    const seen = new Set<string>();
    for (let n = 0; n < 200; n += 1) {
      const ids = draw(quiz).map(({ question }) => question.id);
      assert.equal(new Set(ids).size, quiz.draw);
      for (const { question, order } of draw(quiz))
        if (question.kind === 'order') assert.ok(order.some((own, at) => own !== at), 'asks something');
      for (const id of ids) seen.add(id);
    }
    assert.equal(seen.size, quiz.questions.length, quiz.id);
  }
}); // prettier-ignore
