/** Showing better who one is: what is needed, what there is for it, and nothing that is not needed. */
import { html } from '#platform/html';

import { RESTS_DAYS } from '../customer/second-proof.ts';
import { told, wrong } from './customer-pages.ts';
import { link, pageOf, type Frame } from './frame.ts';

/** `nowhere`: none of their addresses counts. */
export type Code = 'unsent' | 'sent' | 'nowhere';

export function provePage(frame: Frame, { code, enough, says, isWrong }: Readonly<{ code: Code; enough: boolean; says: string | null; isWrong: boolean }>): string {
  const { say } = frame;
  const check = html`<form method="post" action="${link(frame, 'prove/code')}"><label>${say('code')}<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12"></label><button>${say('proveCheck')}</button></form>`;
  const send = html`<form method="post" action="${link(frame, 'prove/send')}"><button${code === 'sent' ? html` class="plain"` : ''}>${say('proveSend')}</button></form>`;
  return pageOf(
    frame,
    say('prove'),
    isWrong ? wrong(says) : told(says),
    enough
      ? html`<p>${say('proveEnough')}</p><p class="actions"><a class="button" href="${link(frame, 'data')}">${say('myData')}</a> <a href="${link(frame, 'requests')}">${say('requests')}</a></p>`
      : [html`<p>${say('proveWhy')}</p>`, code === 'nowhere' ? html`<p>${say('proveNoOther', { days: String(RESTS_DAYS) })}</p>` : [code === 'sent' && check, send], html`<p>${say('proveElse')}</p><p class="actions"><a href="${link(frame, 'requests')}">${say('requests')}</a></p>`],
  );
} // prettier-ignore

/** Whoever follows the link sees one button: programs that follow every link change nothing. */
export const appPage = (frame: Frame, says: string | null = null): string =>
  pageOf(frame, frame.say('signIn'), wrong(says), html`<p>${frame.say('appHelp')}</p><form method="post"><button>${frame.say('enter')}</button></form>`); // prettier-ignore
