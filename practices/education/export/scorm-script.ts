/**
 * report.js of a SCORM 1.2 package. Sources: SCORM 1.2 RTE §3.3 (finding the API, its calls), §3.4 (what `cmi.core` takes).
 *
 * A session is one try: its status is told once, and what was passed before is never taken back or made worse by
 * a worse try.
 */
export const SCORM_SCRIPT = String.raw`'use strict';
globalThis.strongroomReport = (() => {
  const began = performance.now();
  const up = (from) => {
    try {
      for (let at = from, hops = 0; hops < 500; hops += 1, at = at.parent) {
        if (at.API) return at.API;
        if (at.parent === at) return null;
      }
    } catch {
      // another origin: there is nothing for us
    }
    return null;
  };
  const found = (where) => {
    try {
      const from = where();
      return from ? up(from) : null;
    } catch {
      return null;
    }
  };
  // a page may be in a frame of a window that was opened
  const api = [() => window, () => window.opener, () => parent.opener, () => top.opener].reduce((had, where) => had ?? found(where), null);
  const call = (name, ...given) => {
    try {
      return String(api[name](...given));
    } catch {
      return '';
    }
  };
  const get = (name) => call('LMSGetValue', name);
  const set = (name, value) => call('LMSSetValue', name, value) === 'true';
  // CMITimespan: HHHH:MM:SS.SS
  const spent = () => {
    const all = Math.min(Math.floor((performance.now() - began) / 10), 9999 * 360000);
    const two = (number) => String(number).padStart(2, '0');
    return two(Math.floor(all / 360000)) + ':' + two(Math.floor(all / 6000) % 60) + ':' + two(Math.floor(all / 100) % 60) + '.' + two(all % 100);
  };
  let open = false;
  let judged = false;
  let over = false;
  let left = false;
  // passed with, before this session
  let best = -1;
  let before = '';
  // of 100: a whole number, so that a bound of the learning system and a score never differ by a rounding
  const points = (right, of) => Math.floor((100 * right) / of);
  return {
    begin: async () => {
      open = api !== null && call('LMSInitialize', '') === 'true';
      if (!open) return { place: 0, who: 'nobody' };
      const mode = get('cmi.core.lesson_mode');
      judged = mode !== 'browse' && mode !== 'review';
      before = get('cmi.core.lesson_status');
      over = before === 'passed';
      if (over) best = Number.parseFloat(get('cmi.core.score.raw'));
      if (judged && !['passed', 'completed', 'failed'].includes(before)) set('cmi.core.lesson_status', 'incomplete');
      return { place: Number(get('cmi.core.lesson_location')), who: judged ? 'judged' : 'looking' };
    },
    at: (place) => {
      if (open && judged) set('cmi.core.lesson_location', String(place)) && call('LMSCommit', '');
    },
    passes: ({ right, of, needed }) => {
      const bound = open ? get('cmi.student_data.mastery_score') : '';
      return bound !== '' && Number(bound) >= 0 ? points(right, of) >= Number(bound) : right >= needed;
    },
    result: async ({ right, of, passed }) => {
      if (left && judged) throw new Error('left');
      if (!open || !judged) return;
      if (over && (!passed || points(right, of) <= best)) return;
      const done = [
        set('cmi.core.score.min', '0'), set('cmi.core.score.max', '100'), set('cmi.core.score.raw', String(points(right, of))),
        set('cmi.core.lesson_status', passed ? 'passed' : 'failed'), call('LMSCommit', '') === 'true',
      ];
      // min and max are optional for a learning system
      if (done.slice(2).includes(false)) throw new Error('not taken');
      over = true;
    },
    leave: () => {
      left = true;
      if (!open) return;
      open = false;
      set('cmi.core.session_time', spent());
      set('cmi.core.exit', over ? '' : 'suspend');
      call('LMSCommit', '');
      call('LMSFinish', '');
    },
  };
})();
`;
