/** A quiz of the starters in a browser, by keyboard. */
import assert from 'node:assert/strict';

import { readShelf } from '#practices/education';
import type { Page } from 'playwright-core';

const { shelf } = readShelf();
/** As it is on the page: what stands between backticks is code there. */
const shown = (text: string): string => text.replaceAll('`', '');

/** Answers what is on the page as the starters have it, and passes. @param answered before it is handed in */
export async function answersQuiz(page: Page, course: string, answered: () => Promise<void>): Promise<void> {
  const quiz = shelf.quizzes.find(({ id }) => id === course);
  await page.getByRole('button', { name: 'Begin' }).press('Enter');
  await page.getByRole('button', { name: 'Hand in' }).waitFor();
  for (const field of await page.locator('form fieldset').all()) {
    const asks = ((await field.locator('legend').textContent()) ?? '').replace(/^\d+\. /, '');
    const question = quiz?.questions.find((each) => shown(each.asks) === asks);
    assert.ok(question !== undefined, asks);
    if ('answers' in question)
      for (const { says, right } of question.answers) {
        if (right) await field.getByLabel(shown(says), { exact: true }).press('Space');
      }
    else if ('cues' in question)
      for (const cue of question.cues)
        await field.getByLabel(shown(question.lines[cue] as string), { exact: true }).press('Space');
    else
      for (const [at, option] of ('pairs' in question
        ? question.pairs.map(([, right]) => right)
        : question.lines
      ).entries()) {
        await field.getByRole('combobox').nth(at).click();
        await page.getByRole('option', { name: option, exact: true }).click();
      }
  }
  await answered();
  await page.getByRole('button', { name: 'Hand in' }).press('Enter');
  await page.getByText('Passed').waitFor();
}
