/** The page on which a stranger checks a certificate: a form, readable without script, that asks for what is on the paper. */
import { createHash } from 'node:crypto';

import { html, Html, type Part } from '#platform/html';

import type { Certificate } from './certificates.ts';

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;background:light-dark(#f3f4f6,#15181c);color:light-dark(#1c1f23,#e6e8eb)}
main{max-width:34rem;margin:8vh auto;padding:1.75rem;background:light-dark(#fff,#1f2329);border-radius:12px}
@media(max-width:40rem){main{margin:0;border-radius:0;min-height:100vh;box-sizing:border-box}}
h1{font-size:1.35rem;margin:0 0 .75rem}label{display:block;margin:.8rem 0 .25rem}
input{width:100%;box-sizing:border-box;padding:.6rem;font:inherit;border:1px solid light-dark(#737a85,#8a919c);border-radius:6px;background:transparent;color:inherit}
input::placeholder{color:light-dark(#6b7178,#9aa0a6);opacity:1}
button{font:inherit;padding:.6rem 1.1rem;margin:1.1rem 0 0;border-radius:6px;border:1px solid transparent;background:#1c5fb8;color:#fff;cursor:pointer}
[role=status]{border-left:4px solid #1c5fb8;padding:.1rem 0 .1rem 1rem;margin:0 0 1rem}
dt{color:light-dark(#565d66,#a9b0b9);font-size:.9rem}dd{margin:0 0 .5rem;overflow-wrap:anywhere}`;

export const CHECK_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export type Checked = Omit<Certificate, 'text'>;
const SAYS: Readonly<Record<Checked['state'], string>> = {
  valid: 'This certificate is valid.',
  revoked: 'This certificate was revoked.',
  expired: 'This certificate has ended.',
};

/**
 * @param checked null: there is none of this number and name; undefined: nothing was asked yet
 * @param asked what was typed, and stays in the form
 */
export function checkPage(checked: Checked | null | undefined, asked: Readonly<{ id: string; name: string }> = { id: '', name: '' }): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Check a certificate</title><style>${new Html(STYLE)}</style></head>
<body><main><h1>Check a certificate</h1><p>A certificate says that one person passed a course or signed a policy, in which text and when. Whoever holds one can show it; here you see whether it stands in our books.</p>${answer(checked)}
<form method="post" action="/certificates"><label for="id">Number of the certificate</label><input id="id" name="id" required maxlength="40" autocomplete="off" placeholder="crt_…" value="${asked.id}">
<label for="name">Name, as it stands there</label><input id="name" name="name" required maxlength="200" autocomplete="off" value="${asked.name}"><button>Check</button></form></main></body></html>
`.text;
} // prettier-ignore

function answer(checked: Checked | null | undefined): Part {
  if (checked === undefined) return null;
  if (checked === null)
    return html`<div role="status"><p><strong>There is no certificate of this number and name.</strong></p></div>`;
  const { kind, title, hash, at, until, entry, state, evidence } = checked;
  const line = (label: string, text: string): Html => html`<dt>${label}</dt><dd>${text}</dd>`;
  return html`<div role="status"><p><strong>${SAYS[state]}</strong></p><dl>${line(kind === 'course' ? 'Course' : 'Policy', title)}${line('Date', `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`)}${until === null ? null : line('Ends', `${until.toISOString().slice(0, 16).replace('T', ' ')} UTC`)}${line('Fingerprint of the text', hash)}${evidence === 'client' ? line('Graded', 'by the course itself, in the browser of who took it') : null}${entry === null ? null : line('Log entry', String(entry))}</dl></div>`;
} // prettier-ignore
