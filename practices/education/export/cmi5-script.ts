/**
 * report.js of a cmi5 package. Sources: cmi5 (AICC/CMI-5_Spec_Current) §7.1, 8.1, 8.2, 9.3 to 9.6, 10, 11; xAPI 1.0.3
 * Communication §1.3 (headers), §2.1.1 (a statement is put under its id, so that saying it again is saying it once).
 *
 * INVARIANT: `initialized` is the first statement and `terminated` the last; between them `passed` or `failed` once for a
 * session, `failed` never after `passed`, then `completed` once for a registration. `completed` never stands in the way of
 * the verdict: a session that was cut before it was kept leaves a learning system that has it, and refuses another.
 */
export const CMI5_SCRIPT = String.raw`'use strict';
globalThis.strongroomReport = (() => {
  const CMI5 = 'https://w3id.org/xapi/cmi5/context/categories/cmi5';
  const MOVE_ON = 'https://w3id.org/xapi/cmi5/context/categories/moveon';
  const MASTERY = 'https://w3id.org/xapi/cmi5/context/extensions/masteryscore';
  const OURS = 'strongroom.course';
  const asked = new URLSearchParams(location.search);
  const [endpoint, tokenUrl, registration, activityId, agent] = ['endpoint', 'fetch', 'registration', 'activityId', 'actor'].map((each) => asked.get(each) ?? '');
  const isWeb = (address) => { try { return ['http:', 'https:'].includes(new URL(address).protocol); } catch { return false; } };
  const root = endpoint.endsWith('/') ? endpoint : endpoint + '/';
  // randomUUID is there on secure pages only
  const uuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((each) => each.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  let token = '';
  let launch = {};
  let began = 0;
  // a clock that is set back takes no statement before the one that it follows
  let last = 0;
  let judged = false;
  let open = false;
  let left = false;
  let kept = { place: 0, completed: false, passed: false };
  // what hangs is as good as no answer
  const limited = (address, about) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 10000);
    return fetch(address, { ...about, credentials: 'omit', cache: 'no-store', signal: stop.signal });
  };
  const ask = (method, path, query, document) => {
    const headers = { authorization: 'Basic ' + token, 'x-experience-api-version': '1.0.3' };
    if (document !== undefined) headers['content-type'] = 'application/json';
    // it may be the last thing that this page does
    const body = document === undefined ? {} : { body: JSON.stringify(document), keepalive: true };
    return limited(root + path + '?' + new URLSearchParams(query), { method, headers, ...body });
  };
  const insist = async (...asked) => {
    for (let tries = 1; ; tries += 1) {
      const answer = await ask(...asked).catch(() => null);
      if (answer !== null && answer.status < 500) return { answer, tries };
      if (tries >= 3) throw new Error('no answer');
    }
  };
  // what is not there is not there; what did not answer may be
  const read = async (path, query) => {
    const { answer } = await insist('GET', path, query);
    return answer.ok ? answer.json() : null;
  };
  const state = (stateId) => ({ stateId, activityId, agent, registration });
  const duration = () => 'PT' + (Math.floor((performance.now() - began) / 10) / 100) + 'S';
  const statementOf = (verb, result, counts, extensions = {}) => {
    const template = launch.contextTemplate ?? {};
    const given = template.contextActivities ?? {};
    const more = [CMI5, ...(counts ? [MOVE_ON] : [])].map((id) => ({ id }));
    const category = [...(given.category ?? []).filter(({ id }) => !more.some((each) => each.id === id)), ...more];
    return {
      id: uuid(), actor: JSON.parse(agent), verb: { id: 'http://adlnet.gov/expapi/verbs/' + verb, display: { en: verb } },
      object: { objectType: 'Activity', id: activityId }, ...(result === null ? {} : { result }),
      context: { ...template, registration, contextActivities: { ...given, category }, extensions: { ...extensions, ...template.extensions } },
      timestamp: new Date((last = Math.max(last, Date.now()))).toISOString(),
    };
  };
  // an id of ours that is there already is what was said before, and whose answer was lost
  const said = new Set();
  const send = async (statement) => {
    const again = said.has(statement.id);
    said.add(statement.id);
    const { answer, tries } = await insist('PUT', 'statements', { statementId: statement.id }, statement);
    return answer.ok || (answer.status === 409 && (again || tries > 1));
  };
  const must = async (statement) => {
    if (!(await send(statement))) throw new Error('not taken');
  };
  const save = () => insist('PUT', 'activities/state', state(OURS), kept).catch(() => {});
  // one after the other, in the order in which they were said
  let tail = Promise.resolve();
  const queue = (task) => {
    const done = tail.then(task);
    tail = done.catch(() => {});
    return done;
  };
  const begin = async () => {
    const nobody = { place: 0, who: 'nobody' };
    if (!isWeb(endpoint) || !isWeb(tokenUrl) || agent === '') return nobody;
    const answer = await limited(tokenUrl, { method: 'POST' });
    token = (await answer.json())['auth-token'] ?? '';
    launch = token === '' ? null : await read('activities/state', state('LMS.LaunchData'));
    if (launch === null) return nobody;
    // it has to be asked for; a course in one language without sound has nothing to choose
    await read('agents/profile', { profileId: 'cmi5LearnerPreferences', agent }).catch(() => null);
    kept = { ...kept, ...(await read('activities/state', state(OURS))) };
    judged = launch.launchMode === 'Normal';
    began = performance.now();
    await queue(() => must(statementOf('initialized', null, false)));
    open = true;
    return { place: kept.place, who: judged ? 'judged' : 'looking' };
  };
  const waiting = [];
  return {
    begin: () => begin().catch(() => ({ place: 0, who: 'nobody' })),
    at: (place) => {
      if (!open || !judged) return;
      kept = { ...kept, place };
      queue(save);
    },
    passes: ({ right, of, needed }) => (typeof launch?.masteryScore === 'number' ? scaledOf(right, of) >= launch.masteryScore : right >= needed),
    result: async ({ right, of, passed }) => {
      if (left && judged) throw new Error('left');
      if (!open || !judged) return;
      // said again, it is the same statements that are said
      if (waiting.length === 0) {
        const score = { scaled: scaledOf(right, of), raw: right, min: 0, max: of };
        const bound = typeof launch.masteryScore === 'number' ? { [MASTERY]: launch.masteryScore } : {};
        if (!kept.passed) waiting.push([must, statementOf(passed ? 'passed' : 'failed', { score, success: passed, duration: duration() }, true, bound), { passed }]);
        // who refuses that has it
        if (!kept.completed) waiting.push([send, statementOf('completed', { completion: true, duration: duration() }, true), { completed: true }]);
      }
      return queue(async () => {
        for (; waiting.length > 0; waiting.shift()) {
          const [say, statement, change] = waiting[0];
          await say(statement);
          kept = { ...kept, ...change };
          await save();
        }
      });
    },
    leave: async (asked) => {
      left = true;
      if (!open) return;
      open = false;
      await queue(() => send(statementOf('terminated', { duration: duration() }, false))).catch(() => {});
      if (asked && isWeb(launch.returnURL)) location.assign(launch.returnURL);
    },
  };
  // four places, as masteryScore has them; never rounded up
  function scaledOf(right, of) {
    return Math.floor((10000 * right) / of) / 10000;
  }
})();
`;
