/** Asking for a correction, field by field: of one record of who is signed in. */
import { isFailure } from '#platform/failure';

import { correctPage } from '../center/correct-page.ts';
import type { AskedCorrection } from '../requests/corrections.ts';
import type { CenterRoutes, Form } from './center.ts';
import { customerOf, requireCalm, requireOwnSite, seeOther, sendPage, wordsIn, type Query } from './center-page.ts';
import type { PrivacyHttpNeeds } from './needs.ts';

const LONGEST = 4096;
/** Not the name of a field: those begin with a letter. */
const WORDS = '-words';

export function correctRoutes({ get, post }: CenterRoutes, needs: PrivacyHttpNeeds): void {
  const { privacy } = needs;
  const url = '/center/correct/:record';
  get(url, async (request, reply) => {
    const { record } = request.params as { record: string };
    const { subjectId, proofs, frame, texts } = await customerOf(needs, request, 'data');
    await requireCalm(needs, subjectId);
    const shown = (request.query as Query).show === 'all' ? 'clear' : 'masked';
    if (shown === 'clear') await privacy.requests.prove.requireOf(subjectId, proofs);
    const found = await privacy.corrections.correctable(await privacy.myData.reader(request.id), subjectId, record, shown);
    return sendPage(reply, correctPage(frame, { record, ...found, shown, typed: {}, wrong: [], says: null }, texts));
  });
  post(url, async (request, reply) => {
    requireOwnSite(needs, request);
    const { record } = request.params as { record: string };
    const { subjectId, proofs, frame, texts } = await customerOf(needs, request, 'data');
    await requireCalm(needs, subjectId);
    const typed = (request.body as { form?: Form } | undefined)?.form ?? {};
    const asked = Object.entries(typed).flatMap(([field, value]): AskedCorrection[] =>
      field === WORDS || value.trim() === '' ? [] : [{ record, field, value: value.slice(0, LONGEST).toWellFormed() }],
    );
    const by = await privacy.myData.reader(request.id);
    const again = async (wrong: readonly string[]): Promise<unknown> => {
      const found = await privacy.corrections.correctable(by, subjectId, record, 'masked');
      const fields = wrong.map((name) => texts[`field.${found.collection}.${name}`] ?? name).join(', ');
      const says = asked.length === 0 ? frame.say('correctNothing') : frame.say('correctWrong', { fields });
      return sendPage(reply, correctPage(frame, { record, ...found, shown: 'masked', typed, wrong, says }, texts), 422);
    };
    if (asked.length === 0) return again([]);
    try {
      const corrections = await privacy.corrections.check(by, subjectId, asked, 'center');
      const words = wordsIn(typed[WORDS] ?? '') || null;
      const actor = { kind: 'subject', id: subjectId } as const;
      await privacy.requests.ask({ actor, requestId: request.id }, { subjectId, kind: 'correction', words, corrections, language: frame.language, proofs });
    } catch (thrown) {
      if (!isFailure(thrown, 'PRIVACY_CORRECTION_INVALID')) throw thrown;
      return again((thrown.extra['fields'] as readonly string[] | undefined) ?? []);
    }
    return seeOther(reply, frame, 'requests', 'doubtTaken');
  });
} // prettier-ignore
