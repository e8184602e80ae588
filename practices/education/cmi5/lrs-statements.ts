/** The route of statements (xAPI 1.0.3 Communication §2.1): taken by PUT and POST, read one by one or by pages, of their run alone. */
import { educationFailure } from '../failures.ts';
import type { StoredStatement } from '../store/part-statements.ts';
import { flagIn, bodyOf, instantIn, jsonOf, ownOnly, parametersOf, uuidIn, wholeIn, type Parameters } from './lrs-request.ts'; // prettier-ignore
import { json, NOTHING, type LrsNeeds, type Route } from './lrs-route.ts';
import { isUuid } from './shape.ts';

const MOST_BODY = 512 * 1024;
const MOST_PAGE = 100;
const LIST = [
  'agent',
  'verb',
  'activity',
  'registration',
  'since',
  'until',
  'limit',
  'ascending',
  'format',
  'attachments',
  'related_activities',
  'related_agents',
  'cursor',
];

const consistent = (needs: LrsNeeds): Record<string, string> => ({
  'x-experience-api-consistent-through': needs.now().toISOString(),
});
const take: Route = async ({ request, query, by }, needs) => {
  parametersOf(query, []);
  const sent = jsonOf(request, await bodyOf(request, MOST_BODY));
  return json(await needs.statements.take(by, Array.isArray(sent) ? sent : [sent]), consistent(needs));
};
const putOne: Route = async ({ request, query, by }, needs) => {
  const id = uuidIn(parametersOf(query, ['statementId'], ['statementId']), 'statementId');
  const sent = jsonOf(request, await bodyOf(request, MOST_BODY));
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    throw educationFailure('XAPI_INVALID', { detail: 'PUT takes one statement' });
  const own = (sent as Readonly<{ id?: unknown }>).id ?? id;
  if (!isUuid(own) || own.toLowerCase() !== id)
    throw educationFailure('XAPI_INVALID', { detail: 'the id of the statement is another one than statementId' });
  await needs.statements.take(by, [{ ...sent, id }]);
  return { ...NOTHING, headers: consistent(needs) };
};
const getStatements: Route = async ({ query, by }, needs) => {
  const single = ['statementId', 'voidedStatementId'].filter((name) => query.has(name));
  if (single.length > 0) {
    const from = parametersOf(query, [...single.slice(0, 1), 'attachments', 'format']);
    exactly(from);
    const found = from.has('statementId')
      ? await needs.statements.one(by, uuidIn(from, 'statementId') as string)
      : null;
    if (found === null) throw educationFailure('XAPI_NOT_FOUND');
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'last-modified': found.stored_at.toUTCString(),
        ...consistent(needs),
      },
      body: found.statement,
    };
  }
  const from = parametersOf(query, LIST);
  exactly(from);
  ownOnly(from, by);
  if (flagIn(from, 'related_activities') || flagIn(from, 'related_agents'))
    throw educationFailure('XAPI_FORBIDDEN', { detail: 'statements are found by their own object and actor' });
  const [wanted, cursor] = [wholeIn(from, 'limit', 0), from.get('cursor') ?? null];
  if (cursor !== null && !/^\d{1,9}$/.test(cursor))
    throw educationFailure('XAPI_INVALID', { detail: 'the parameter cursor is none' });
  const limit = wanted === 0 ? MOST_PAGE : Math.min(wanted, MOST_PAGE);
  const rows = await needs.statements.list(by, {
    verb: from.get('verb') ?? null,
    activity: from.get('activity') ?? null,
    since: instantIn(from, 'since'),
    until: instantIn(from, 'until'),
    ascending: flagIn(from, 'ascending'),
    after: cursor === null ? null : Number(cursor),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  return json(
    { statements: page.map(({ statement }) => JSON.parse(statement) as unknown), more: moreOf(query, rows, page) },
    consistent(needs),
  );
};
const exactly = (from: Parameters): void => {
  if (!['exact', undefined].includes(from.get('format')))
    throw educationFailure('XAPI_INVALID', { detail: 'format is exact: statements are given back as they came' });
  if (flagIn(from, 'attachments')) throw educationFailure('XAPI_INVALID', { detail: 'there are no attachments here' });
};
function moreOf(query: URLSearchParams, rows: readonly StoredStatement[], page: readonly StoredStatement[]): string {
  const last = page.at(-1);
  if (last === undefined || rows.length === page.length) return '';
  const next = new URLSearchParams(query);
  next.set('cursor', String(last.seq));
  return `/xapi/statements?${next.toString()}`;
}

export const statementRoutes: Readonly<Record<string, Route>> = { GET: getStatements, POST: take, PUT: putOne };
