/**
 * The page around a course, on the course's origin: it holds the run-time API where the course looks for it, and says to the
 * console what came of it, in words that are its own. SCORM asks for an API that answers at once, so it lives here and not in
 * the console: across origins nothing can be waited for.
 */
import { html, Html } from '#platform/html';

import type { ScormPackage } from './package.ts';

/** What it and the console call their messages. */
export const MESSAGES = 'strongroom.course';

/**
 * INVARIANT: it speaks to the console's origin alone, and listens to that window alone; of what the course keeps, the console
 * gets a status, a score and the course's own bookmark, never a name for anything of the console.
 */
export const PLAYER_SCRIPT = `'use strict';
(() => {
  const { console: home, schema, launch } = document.documentElement.dataset;
  const say = (message) => parent.postMessage({ of: '${MESSAGES}', ...message }, home);
  const number = (text) => (text === '' || text === undefined || !Number.isFinite(Number(text)) ? null : Number(text));
  const old = schema === '1.2';
  // of what it keeps, and not by its calls: those answer nothing once the course has ended
  const get = (api, name) => { try { return String(name.split('.').reduce((of, each) => of[each], api) ?? ''); } catch { return ''; } };
  const score = (api) => {
    if (!old) {
      const scaled = number(get(api, 'cmi.score.scaled'));
      if (scaled !== null) return Math.round(scaled * 1e6) / 1e4;
    }
    const at = old ? 'cmi.core.score' : 'cmi.score';
    const [raw, min, max] = ['raw', 'min', 'max'].map((each) => number(get(api, at + '.' + each)));
    if (raw === null) return null;
    const [from, to] = [min ?? 0, max ?? 100];
    return to > from ? ((raw - from) * 100) / (to - from) : raw;
  };
  const status = (api) => {
    if (old) {
      const said = get(api, 'cmi.core.lesson_status');
      return ['passed', 'completed', 'failed'].includes(said) ? said : 'incomplete';
    }
    const success = get(api, 'cmi.success_status');
    if (success === 'passed' || success === 'failed') return success;
    return get(api, 'cmi.completion_status') === 'completed' ? 'completed' : 'incomplete';
  };
  const saved = (api) => JSON.stringify({
    location: get(api, old ? 'cmi.core.lesson_location' : 'cmi.location'), data: get(api, 'cmi.suspend_data'),
  });
  const tell = (api, finished) => say({
    says: 'told', finished, status: status(api), score: score(api), saved: saved(api),
  });
  const begin = (before) => {
    const settings = { autocommit: false, lmsCommitUrl: false, logLevel: 5 };
    const api = old ? new Scorm12API(settings) : new Scorm2004API(settings);
    try {
      const { location, data } = JSON.parse(before);
      const cmi = old ? { core: { lesson_location: location, entry: 'resume' }, suspend_data: data } : { location, suspend_data: data, entry: 'resume' };
      api.loadFromJSON({ cmi }, '');
    } catch {
      // nothing was kept, or it is of another version: from the beginning
    }
    window[old ? 'API' : 'API_1484_11'] = api;
    // once the call has done its work
    const after = (event, finished) => api.on(event, () => setTimeout(() => tell(api, finished), 0));
    for (const [event, finished] of old ? [['LMSCommit', false], ['LMSFinish', true]] : [['Commit', false], ['Terminate', true]]) after(event, finished);
    document.getElementById('course').src = launch;
  };
  let begun = false;
  addEventListener('message', ({ origin, source, data }) => {
    if (begun || origin !== home || source !== parent || data?.of !== '${MESSAGES}' || data.says !== 'start') return;
    begun = true;
    begin(data.saved);
  });
  say({ says: 'ready' });
})();`;

const STYLE = 'html,body{margin:0;height:100%}iframe{border:0;width:100%;height:100%;display:block}';

export function playerPage(of: ScormPackage, consoleOrigin: string): string {
  const launch = `c/${of.launch.path.split('/').map(encodeURIComponent).join('/')}${of.launch.search}`;
  return html`<!doctype html>
<html lang="${of.locale}" data-console="${consoleOrigin}" data-schema="${of.schema}" data-launch="${launch}"><head><meta charset="utf-8"><title>${of.title}</title><link rel="stylesheet" href="player.css"></head>
<body><iframe id="course" title="${of.title}"></iframe><script src="api.js"></script><script src="player.js"></script></body></html>
`.text;
} // prettier-ignore

/** Where a part (cmi5) leads its frame at its end. */
export const OVER_PAGE = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Over</title></head><body><p>This part is over. Go on in the page around it.</p></body></html>
`.text;

export const PLAYER_STYLE = new Html(STYLE).text;

/** Of the page around it: its own two scripts, one frame of its own, in the console and nowhere else. */
export const playerPolicy = (consoleOrigin: string): string =>
  `default-src 'none'; script-src 'self'; worker-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${consoleOrigin}`;

/**
 * Of the course: whatever such courses do in a page (their scripts stand in it, and make others), with its own files; it
 * loads from and sends to no other server, opens no window, leads no page away and leaves no worker behind. No policy stops
 * WebRTC: Chromium 156 does not know `webrtc 'block'`, and says so in each page that has it.
 */
export const coursePolicy = (consoleOrigin: string): string =>
  [
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'", "connect-src 'self'", "frame-src 'self'", "worker-src 'none'", "object-src 'none'",
    "base-uri 'self'", "form-action 'none'", `frame-ancestors 'self' ${consoleOrigin}`, 'sandbox allow-scripts allow-same-origin allow-forms',
  ].join('; '); // prettier-ignore
