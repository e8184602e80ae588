/** Showing better who one is: what is needed, what there is for it, and nothing that is not needed. */
import { html } from '#platform/html';

import { told } from './customer-pages.ts';
import { link, pageOf, type Frame } from './frame.ts';

/** @param other where a code would go; null: nowhere @param sent one is on its way */
export function provePage(frame: Frame, { other, sent, enough, says }: Readonly<{ other: string | null; sent: boolean; enough: boolean; says: string | null }>): string {
  const { say } = frame;
  const code = html`<form method="post" action="${link(frame, 'prove/code')}"><label>${say('code')}<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12"></label><button>${say('proveCheck')}</button></form>`;
  const send = html`<form method="post" action="${link(frame, 'prove/send')}"><button${sent ? html` class="plain"` : ''}>${say('proveSend', { address: other ?? '' })}</button></form>`;
  return pageOf(
    frame,
    say('prove'),
    told(says),
    enough
      ? html`<p>${say('proveEnough')}</p><p class="actions"><a class="button" href="${link(frame, 'data')}">${say('myData')}</a> <a href="${link(frame, 'requests')}">${say('requests')}</a></p>`
      : [html`<p>${say('proveWhy')}</p>`, other === null ? html`<p>${say('proveNoOther')}</p>` : [sent && code, send], html`<p>${say('proveElse')}</p><p class="actions"><a href="${link(frame, 'requests')}">${say('requests')}</a></p>`],
  );
} // prettier-ignore

/** Whoever follows the link sees one button: programs that follow every link change nothing. */
export const appPage = (frame: Frame, says: string | null = null): string =>
  pageOf(frame, frame.say('signIn'), told(says), html`<p>${frame.say('appHelp')}</p><form method="post"><button>${frame.say('enter')}</button></form>`); // prettier-ignore
