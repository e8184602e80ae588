/** Who is known and may not is refused on every route, but for the few that are about oneself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApiDocument } from '../openapi.ts';
import type { BadRequest, HttpMethod } from './bad-requests.ts';
import type { Fitting } from './fitting-requests.ts';
import type { OpenApiOperation, Running } from './bad-input.test.ts';

/** Needs no permission, since it is about oneself: a key has none of it. */
const OF_A_PERSON = {
  currentSession: 'the own session',
  signOut: 'the own session',
  actAs: 'another role, but one of the own',
  stepUp: 'the own session, by the own factors',
  stepUpByPasskey: 'the own session, by the own passkey',
  stepUpPasskeyOptions: 'what the own passkey is asked',
  listSessions: 'the own sessions',
  listRoleRequests: 'the own roles that rest',
  requestRole: 'one of the own roles that rest',
  myExportRequests: 'own requests',
  requestExport: 'anybody asks for a second pair of eyes',
  endRoleRequest: 'an own request',
  myTraining: 'what oneself has to learn and sign',
  readCourse: 'a lesson: who has a session may learn',
  beginSitting: 'an own try',
  handInSitting: 'an own try',
  readEducationPolicy: 'a policy, and the own signature of it',
  signPolicy: 'the own signature',
  signatureReceipt: 'the own signature',
  myCertificates: 'own papers',
  certificatePdf: 'the own paper',
  beginCourseRun: 'the own learning',
  tellCourseRun: 'the own learning',
  readCourseRun: 'the own learning',
  beginCoursePart: 'the own learning',
  listRunStatements: 'the own learning',
  listNotices: 'the own notices',
  readNotices: 'the own notices',
  endSession: 'one of the own sessions',
  endOtherSessions: 'the own sessions',
  listFactors: 'the own factors',
  changePassword: 'the own password',
  offerTotp: 'the own factors',
  confirmTotp: 'the own factors',
  removeTotp: 'the own factors',
  newRecoveryCodes: 'the own factors',
  listPasskeys: 'the own passkeys',
  newPasskeyOptions: 'the own passkeys',
  addPasskey: 'the own passkeys',
  removePasskey: 'one of the own passkeys',
  ownExercises: 'what one did with exercises',
  myExercise: 'an own exercise',
  beginExercise: 'an own exercise',
  handInExercise: 'an own exercise',
  giveUpExercise: 'an own exercise',
  myIncidentDrills: 'drills that one takes part in',
  joinDrill: 'a drill that one takes part in',
  decideInDrill: 'a drill that one takes part in',
  askDrillScope: 'a drill that one takes part in',
  nextInDrill: 'a drill that one takes part in',
  myViolations: 'what was opened about oneself',
  stateOnViolation: 'what oneself says',
  appealViolation: 'an own appeal',
} as const;
/** Needs no permission, and a key or a workload may ask too. */
const OF_ANYBODY = {
  whoami: 'what the key or person itself may',
  reportMail: 'every person reports; of keys those with reports.send (server/phishing.test.ts)',
  reportIncident: 'every person reports; of keys those with incidents.report (server/incidents.test.ts)',
  getReportLink: 'the link for reports without a name is for everybody',
  myExercises: 'titles, and how whoever is behind it stands with them',
  listDrillTexts: 'titles, stories and lengths of drills; not what comes in them',
  aboutDrill: 'title, story and length of a drill; not what comes in it',
  readCatalog: 'what is kept and for what purposes: names of fields, no customer',
} as const;

/** To a person who has no part in it, it is as if it were not there; the refusal is in the log all the same. */
const AS_IF_NOT_THERE: ReadonlySet<string> = new Set(['getViolation', 'violationProof', 'decideOnViolation', 'answerAppeal']); // prettier-ignore

export function strangersAreDenied(of: () => Running): void {
  /** Whether the log has since said that somebody of this role was refused. */
  async function hasDenial(from: number, role: string): Promise<boolean> {
    const { system } = of();
    const entries = await system.audit.read(from, await system.audit.size());
    return entries.some(({ bytes }) => {
      const { outcome, actor } = JSON.parse(bytes.toString('utf8')) as { outcome: string; actor: { role?: string } };
      return outcome === 'denied' && actor.role === role;
    });
  }

  test('every route refuses who is known and has no permission for it, and logs it, but the few that are about oneself', async (t) => {
    const { prepared, tablesNow, url, system, send } = of();
    const { fitting, callerIn } = prepared;
    const { paths } = (await openApiDocument()) as { paths: Record<string, Record<string, OpenApiOperation>> };
    const operations = Object.entries(paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ template, method: method.toUpperCase(), ...operation })),
    );
    const before = await tablesNow();
    let refused = 0;
    for (const { template, method, operationId, requestBody, security } of operations) {
      // that nothing else is open to all is what server/system.test.ts shows
      if (security?.length === 0 || operationId in OF_ANYBODY) continue;
      await t.test(`${method} ${template}`, async () => {
        const { path = {}, headers = {}, query, ...fits } = fitting[operationId] as Fitting;
        const body = fits.whole ?? fits.body;
        const takes = Object.keys(requestBody?.content ?? {})[0];
        const ask: BadRequest = {
          what: operationId,
          method: method as HttpMethod,
          path: `${template.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => path[name] ?? '')}${query === undefined ? '' : `?${query}`}`,
          // passkeys belong to the name of a site, which an address is not
          headers: {
            host: `localhost:${new URL(url).port}`,
            ...(takes === undefined ? {} : { 'content-type': takes }),
            ...headers,
          },
          body: body === undefined ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        };
        // who carries forms may do nothing but that; who sells, not even that
        const stranger = operationId === 'submitForm' ? 'marketing' : 'collector';
        const code =
          operationId in OF_A_PERSON ? /^(ACCESS_SESSION|EDUCATION_PERSON)_NEEDED$/ : /^(ACCESS|VAULT|AUDIT)_DENIED$/;
        const callers =
          operationId in OF_A_PERSON || operationId === 'submitForm' ? [stranger] : [stranger, 'stranger'];
        for (const caller of callers) {
          const size = await system.audit.size();
          const { status, text } = await send(ask, callerIn(caller));
          const seen = `${caller}: ${status} ${text.slice(0, 400)}`;
          const hides = caller === 'stranger' && AS_IF_NOT_THERE.has(operationId);
          assert.equal(status, hides ? 404 : 403, seen);
          const answer = JSON.parse(text) as Record<string, unknown>;
          // RFC 7644 §3.12 has a body of its own
          if (operationId.startsWith('scim')) assert.deepEqual([answer.status, answer.code], ['403', undefined], seen);
          else assert.match(String(answer.code), hides ? /^EDUCATION_VIOLATION_NOT_FOUND$/ : code, seen);
          if (!(operationId in OF_A_PERSON)) assert.ok(await hasDenial(size, stranger), `not in the log: ${seen}`);
          refused += 1;
        }
      });
    }
    assert.deepEqual(await tablesNow(), before, 'what was refused has changed nothing');
    assert.ok(refused > 200, `only ${refused} requests`);
    const known = new Set(operations.map(({ operationId }) => operationId));
    assert.deepEqual(Object.keys({ ...OF_A_PERSON, ...OF_ANYBODY }).filter((each) => !known.has(each)), [], 'listed, and not there'); // prettier-ignore
  });
}
