/**
 * The page behind a link of an exercise: what it pretends, and what is to be learned from it, in one document that fetches
 * nothing. Its script says to the server what happened and never what was typed.
 */
import { createHash } from 'node:crypto';

import { html, Html } from '#platform/html';

import { blockHtml } from './lure.ts';
import { CUE_KINDS } from './phish-scale.ts';
import type { PhishTemplate } from './template.ts';

const LABELS = { name: 'Name', email: 'E-mail', password: 'Password', code: 'Code', phone: 'Phone' } as const;
const TYPES = { name: 'text', email: 'email', password: 'password', code: 'text', phone: 'tel' } as const;

/**
 * INVARIANT: of a field it reads only whether it is empty, and empties it before anything is sent. Fields have no names and
 * the form leads nowhere, so that a browser that sends it by itself sends nothing; `form-action 'none'` keeps it from that.
 */
const SCRIPT = `'use strict';
(() => {
  const token = location.pathname.slice(1);
  const visit = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22);
  const said = new Set();
  const say = (deed, fields = []) => {
    if (said.has(deed)) return;
    said.add(deed);
    const ms = Math.max(0, Math.round(performance.now()));
    void fetch('/b', { method: 'POST', keepalive: true, credentials: 'omit', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, visit, deed, fields, ms }) }).catch(() => undefined);
  };
  say('script');
  const seen = () => { if (document.visibilityState === 'visible') say('visible'); };
  seen();
  document.addEventListener('visibilitychange', seen);
  const moved = (deed) => (event) => { if (event.isTrusted && performance.now() >= 150) say(deed); };
  // a browser that nobody sits at says once where its pointer would be, and again after each layout: at the same place
  let last = null;
  addEventListener('pointermove', (event) => {
    if (!event.isTrusted) return;
    const here = event.screenX + ' ' + event.screenY;
    if (last !== null && here !== last) moved('pointer')(event);
    last = here;
  }, { passive: true });
  for (const kind of ['pointerdown', 'touchstart']) addEventListener(kind, moved('pointer'), { passive: true });
  addEventListener('keydown', moved('key'));
  const learn = () => {
    document.getElementById('pretended').remove();
    const told = document.getElementById('told');
    told.hidden = false;
    document.title = 'This was an exercise';
    told.querySelector('h1').focus();
  };
  const form = document.querySelector('form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const kinds = [];
    for (const field of form.querySelectorAll('input')) {
      if (field.value !== '') kinds.push(field.dataset.kind);
      field.value = '';
    }
    say('submit', kinds);
    learn();
  });
  document.getElementById('away').addEventListener('click', learn);
})();`;

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;background:light-dark(#f3f4f6,#15181c);color:light-dark(#1c1f23,#e6e8eb)}
main{max-width:34rem;margin:8vh auto;padding:1.75rem;background:light-dark(#fff,#1f2329);border-radius:12px;box-shadow:0 1px 4px #0003}
@media(max-width:40rem){main{margin:0;border-radius:0;min-height:100vh;box-sizing:border-box}}
h1{font-size:1.35rem;margin:0 0 .75rem;outline:0}h2{font-size:1.05rem;margin:1.5rem 0 .5rem}
label{display:block;margin:.8rem 0 .25rem}
input{width:100%;box-sizing:border-box;padding:.6rem;font:inherit;border:1px solid light-dark(#737a85,#8a919c);border-radius:6px;background:transparent;color:inherit}
button{font:inherit;padding:.6rem 1.1rem;margin:1.1rem .5rem 0 0;border-radius:6px;border:1px solid transparent;background:#1c5fb8;color:#fff;cursor:pointer}
#away{background:transparent;color:inherit;border-color:light-dark(#737a85,#8a919c)}
li{margin:.35rem 0}.kind{display:block;font-size:.9rem;color:light-dark(#565d66,#a9b0b9)}`;

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but its own script and style, words to itself alone, no form that leads anywhere, in no frame. */
export const LANDING_POLICY = [
  "default-src 'none'", `script-src ${sha256(SCRIPT)}`, `style-src ${sha256(STYLE)}`, "connect-src 'self'",
  "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
].join('; '); // prettier-ignore

const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${new Html(STYLE)}</style></head>
<body>${body}</body></html>
`.text; // prettier-ignore

export function landingPage(template: PhishTemplate): string {
  const putting = { link: null, put: (text: string) => text.replaceAll('{{name}}', 'you') };
  const blocks = (of: 'page' | 'learn'): Html[] => template[of].blocks.map((block) => blockHtml(block, putting));
  const fields = template.asks.map(
    (kind) => html`<label for="f-${kind}">${LABELS[kind]}</label><input id="f-${kind}" data-kind="${kind}" type="${TYPES[kind]}" autocomplete="off">`,
  ); // prettier-ignore
  const cues = template.cues.map(
    ({ kind, shows }) => html`<li>${shows}<span class="kind">${CUE_KINDS[kind]}</span></li>`,
  );
  return page(
    'Continue',
    html`<main id="pretended">${blocks('page')}<form>${fields}<button>Continue</button><button type="button" id="away">I do not trust this</button></form></main>
<main id="told" hidden><h1 tabindex="-1">This was an exercise, and nothing has happened</h1>
<p>The mail “${template.subject.replaceAll('{{name}}', 'you')}” came from your own company. Nothing that you typed has left this page: it was not sent, and not kept.</p>
<p>Everybody falls for one of these some day. Here is what gave this one away:</p><ul>${cues}</ul>
<h2>For next time</h2>${blocks('learn')}
<p>Had it been a real one, you would do the same: report it. It takes half a minute, and helps everybody who got it after you.</p></main>
<noscript><main><h1>This was an exercise</h1><p>Nothing has happened, and nothing can be sent from here. Report such a mail next time.</p></main></noscript>
<script>${new Html(SCRIPT)}</script>`,
  );
} // prettier-ignore

/** For what is no link of an exercise, or one of long ago. */
export const NOTHING_PAGE = page(
  'Nothing here',
  html`<main><h1>There is nothing here</h1><p>Should you have come by a link in a mail: it may have been an exercise of your company that is over. Nothing has happened.</p></main>`,
);
