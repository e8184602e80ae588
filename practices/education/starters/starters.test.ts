/** The texts that come with the system: all of them read, and keep what they promise. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { faultText, type Read } from '../content/fault.ts';
import { linksOf, textOfBlock, WORDS_PER_MINUTE } from '../content/tree.ts';
import { readLesson } from '../lessons/lesson.ts';
import { readPhishTemplate } from '../phishing/template.ts';
import { readPolicy } from '../policies/policy.ts';
import { readText } from '../texts/read-text.ts';
import { starterSources } from '../texts/starter-sources.ts';
import { readShelf } from './shelf.ts';

const { shelf, faults } = readShelf();
const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const faultsOf = (found: Read<unknown>): string => (found.ok ? 'none' : found.faults.map((each) => faultText(each, 'x')).join('\n')); // prettier-ignore

test('every starter reads, and there are as many as were promised', () => {
  assert.deepEqual(faults, []);
  const { lessons, quizzes, policies, exercises, phishing } = shelf;
  assert.deepEqual([lessons.length, quizzes.length, policies.length], [12, 12, 12]);
  assert.ok(phishing.length >= 20 && exercises.length >= 7);
});

test('a starter’s file has the name of its text', () => {
  for (const { kind, id, source } of starterSources()) {
    const found = readText(kind, source);
    assert.equal(found.ok && found.value.id, id, kind);
  }
});

/** Kept by the Bundesnetzagentur for media: nobody has one. Source: its Mitteilung 148/2021 */
const KEPT = /^\+49(3023125|6990009|4066969|2214710|8999998)###$/;
test('whoever is made up has a telephone number that is nobody’s', () => {
  const phones = shelf.exercises.flatMap(({ customers }) => Object.values(customers).flatMap(({ phone }) => phone ?? []));
  assert.ok(phones.length >= 4);
  for (const phone of phones) assert.match(phone.replaceAll(' ', ''), KEPT);
}); // prettier-ignore

test('a lesson takes five to eight minutes, asks something on the way, and its quiz has enough to ask', () => {
  const texts = new Map<string, string>();
  for (const { id, words, minutes, choices, quiz: quizId, sources, sections } of shelf.lessons) {
    assert.ok(words / WORDS_PER_MINUTE >= 5 && words / WORDS_PER_MINUTE <= 8, `${id}: ${words} words`);
    assert.ok(Math.abs(minutes - words / WORDS_PER_MINUTE) <= 0.75, id);
    assert.ok(choices.length >= 1 && sources.length >= 1 && sections.length >= 4, id);
    assert.ok(shelf.quizzes.some((quiz) => quiz.id === quizId && quiz.questions.length >= 8 && quiz.mastery === 0.8), id);
    for (const sentence of sections.flatMap(({ blocks }) => blocks).map(textOfBlock).filter((text) => text.length > 60)) {
      assert.equal(texts.get(sentence), undefined, `${id} and ${texts.get(sentence)} say the same`);
      texts.set(sentence, id);
    }
  }
  assert.equal(new Set(shelf.lessons.map(({ quiz }) => quiz)).size, 12, 'each has its own');
}); // prettier-ignore

test('who always takes the same letter, or the longest or shortest answer, does not pass', () => {
  for (const { id, questions, draw } of shelf.quizzes) {
    const singles = questions.flatMap((each) => (each.kind === 'single' ? [each.answers] : []));
    const most = questions.length * 0.6;
    assert.ok(draw >= 5, id);
    const rights = singles.map((answers) => answers.findIndex(({ right }) => right));
    for (const letter of [0, 1, 2, 3]) assert.ok(rights.filter((each) => each === letter).length < most, `${id}: ${letter}`); // prettier-ignore
    for (const sign of [1, -1]) {
      const sized = singles.map((answers) => answers.map(({ right, says }) => ({ right, size: sign * says.length })));
      const told = sized.filter((answers) => answers.every(({ right, size }) => right || size < (answers.find((each) => each.right)?.size ?? 0))); // prettier-ignore
      assert.ok(told.length < most, `${id}: the ${sign === 1 ? 'longest' : 'shortest'} is right ${told.length} times`);
    }
  }
});

test('in a drill nobody passes by the longest answer either', () => {
  for (const { id, injects, passes } of shelf.drills) {
    const asked = injects.flatMap(({ decide }) => (decide === undefined ? [] : [decide.options]));
    const told = asked.filter((options) => options.every((each) => each.right === true || each.says.length < (options.find(({ right }) => right)?.says.length ?? 0))); // prettier-ignore
    assert.ok(told.length / asked.length < Math.min(passes, 0.5), `${id}: the longest is right ${told.length} times`);
  }
});

test('an explanation says whether its answer is right: the page shows all of them, and marks none', () => {
  for (const { id, questions } of shelf.quizzes)
    for (const question of questions)
      if ('answers' in question)
        for (const { right, because } of question.answers) {
          assert.equal(because.startsWith('Right.'), right, `${id} ${question.id}: ${because}`);
          assert.ok(because.length >= 15, `${id} ${question.id}: ${because}`);
        }
      else assert.ok(question.because.length >= 15, `${id} ${question.id}`);
});

test('a lesson ends with what to do on Monday, and the policies agree with the playbooks', () => {
  for (const { id, sections } of shelf.lessons) assert.equal(sections.at(-1)?.title, 'On Monday', id);
  const decided = shelf.policies
    .find(({ id }) => id === 'breach-notice')
    ?.procedure.find(({ step }) => step.startsWith('Decide'));
  assert.equal(decided?.time, 'within 36 hours');
  for (const { id, tasks } of shelf.playbooks) assert.equal(tasks.find(({ phase }) => phase === 'decide')?.minutes, 36 * 60, id); // prettier-ignore
  for (const { id, sections } of shelf.policies) {
    const consequences = sections.find(({ title }) => title === 'Consequences')?.blocks ?? [];
    const links = linksOf(consequences).map(({ to }) => (to.kind === 'policy' ? to.id : to.kind));
    assert.ok(id === 'sanctions' || links.includes('sanctions'), `${id}: who decides?`);
  }
});

test('an exercise stands in a lesson by its id, and only where the lesson names it', () => {
  const text = textOf('lessons/handling-personal-data.md');
  const read = (source: string): string => {
    const found = readLesson(source);
    return found.ok ? 'read' : found.faults.map(({ says }) => says).join();
  };
  assert.equal(read(text), 'read');
  for (const other of ['spot-a-false-officer', '**find-a-caller', 'find-a-caller\n\nfind-a-caller'])
    assert.match(
      read(text.replace(':::exercise\nfind-a-caller', `:::exercise\n${other}`)),
      /an exercise that is not named above/,
    );
});

test('a policy says who does what by when, and what follows', () => {
  for (const { id, procedure, words, checks, ladder } of shelf.policies) {
    assert.ok(procedure.length >= 5, id);
    assert.ok(words > 250 && words < 700, `${id}: ${words} words`);
    assert.ok(checks.length >= 1 && ladder[0] === 'coaching', id);
  }
});

/** Names that a mail of ours must not borrow, as whole words of any case. */
const COMPANIES = 'amazon apple google microsoft office365 outlook gmail dhl ups fedex dpd hermes gls paypal visa mastercard netflix spotify facebook meta instagram whatsapp linkedin zoom slack teams dropbox docusign adobe oracle salesforce sap ebay zalando ikea otto klarna stripe sparkasse telekom vodafone verizon orange samsung huawei airbnb uber lufthansa ryanair twitter tiktok github atlassian okta duo'.split(' '); // prettier-ignore

test('no exercise names a real company, a real domain, or what hurts people', () => {
  for (const { id, mail, page, learn, from, subject, theme } of shelf.phishing) {
    const text = [from.name, from.address, subject, ...[...mail.blocks, ...page.blocks].map(textOfBlock)].join(' ').toLowerCase(); // prettier-ignore
    const words = new Set(text.split(/[^a-z0-9]+/));
    assert.deepEqual(
      COMPANIES.filter((name) => words.has(name)),
      [],
      id,
    );
    assert.deepEqual(['salary', 'bonus', 'layoff', 'dismissal', 'illness', 'pension', 'child', 'funeral', 'refund', 'prize', 'winner', 'gift', 'voucher'].filter((word) => words.has(word)), [], id); // prettier-ignore
    assert.ok(learn.blocks.length >= 2 && theme !== undefined, id);
  }
});

test('what a debrief quotes stands in the mail', () => {
  const plain = (text: string): string => text.toLowerCase().replaceAll('’', "'").replaceAll(/\s+/g, ' ');
  for (const { id, cues, subject, from, mail, page } of shelf.phishing) {
    const seen = plain([from.name, from.address, subject, ...[...mail.blocks, ...page.blocks].map(textOfBlock)].join(' '));
    const quoted = cues.flatMap(({ shows }) => [...shows.matchAll(/“([^”]+)”/g)].map(([, words]) => words as string));
    assert.deepEqual(quoted.filter((words) => !seen.includes(plain(words))), [], id);
  }
}); // prettier-ignore

test('exercises are spread over the levels, themes and what they ask for', () => {
  const levels = Map.groupBy(shelf.phishing, ({ rating }) => rating.level);
  for (const level of ['least', 'moderate', 'very'] as const) assert.ok((levels.get(level) ?? []).length >= 6, level);
  assert.ok(new Set(shelf.phishing.map(({ theme }) => theme)).size >= 9);
  assert.ok(new Set(shelf.phishing.flatMap(({ asks }) => asks)).size >= 4);
  assert.ok(new Set(shelf.phishing.flatMap(({ cues }) => cues.map(({ kind }) => kind))).size >= 18);
});

test('no starter holds HTML or a link to anywhere that it should not', () => {
  for (const folder of ['lessons', 'policies', 'phishing'])
    for (const file of readdirSync(new URL(`${folder}/`, import.meta.url))) assert.ok(!/<[a-z/!]/i.test(textOf(`${folder}/${file}`)), file); // prettier-ignore
});

test('a company’s own text with a fault is refused with its line, and says what to write', () => {
  const lesson = textOf('lessons/phishing.md');
  const changed = (from: string | RegExp, to: string): string => faultsOf(readLesson(lesson.replace(from, to)));
  assert.match(changed('minutes: 6', 'minutes: 12'), /x:6: 12 minutes are said, the \d+ words take 5/);
  assert.match(changed('## Forty-nine seconds\n', ''), /x:\d+: text before the first heading/);
  assert.match(changed('- [x] I press', '- [ ] I press'), /a choice needs two answers or more, and one that is right/);
  assert.match(changed('=> If it is false', 'If it is false'), /without => and what comes of it/);
  assert.match(changed('audience: [everyone]', 'audience: everyone'), /x:5: audience/);
  assert.match(changed('## Forty-nine seconds', '## Forty-nine <b>seconds</b>'), /HTML/);

  const policy = textOf('policies/access.md');
  const broken = (from: string | RegExp, to: string): string => faultsOf(readPolicy(policy.replace(from, to)));
  assert.match(broken('## Exceptions', '## Other things'), /they are Purpose, Who, Rules, Procedure/);
  assert.match(broken('| Step | Owner | Time |', '| Step | Owner | When |'), /its columns are Step, Owner, Time/);
  assert.match(broken('ladder: [coaching, course-again,', 'ladder: [course-again, coaching,'), /the ladder goes down/);
  assert.match(broken(', right: true}', '}'), /one answer is right/);
  assert.match(
    broken(/- Access is given[\s\S]*?\n\n## Procedure/, 'No list.\n\n## Procedure'),
    /the rules are no list/,
  );

  const mail = textOf('phishing/sign-policy.md');
  const sent = (from: string | RegExp, to: string): string => faultsOf(readPhishTemplate(mail.replace(from, to)));
  assert.match(sent('compliance@policy-sign.example', 'compliance@policy-sign.com'), /a domain that may be somebody’s/);
  assert.match(
    sent('https://policy-sign.example/sign', 'https://policy-sign.net/sign'),
    /a domain that may be somebody’s/,
  );
  assert.match(sent('Thank you,', 'Or go to policy-sign.com, thank you'), /may be somebody’s stands in the text/);
  assert.match(sent('theme: document', 'theme: salary'), /never used: it hurts people/);
  assert.match(sent('{{link}}', 'https://a.example'), /leads nowhere that is allowed/);
  assert.match(sent('{{name}}', '{{surname}}'), /that nothing is put into/);
  assert.match(sent('kind: urgency', 'kind: hurry'), /cues\.2\.kind/);
  assert.match(sent('subject: ', 'subject: "a\\nBcc: b@c.example" #'), /subject: this is not what is expected/);
  assert.match(sent('https://policy-sign.example/sign', 'https://a.1/sign'), /a domain that may be somebody’s/);
  assert.match(sent('Thank you,', '{{link}}'), /that nothing is put into/);
  assert.match(sent('## Page', '## Side'), /the sections are not Mail, Page, Learn/);
  assert.match(sent('mimicsWork: 8', 'mimicsWork: 7'), /premise\.mimicsWork/);
});
