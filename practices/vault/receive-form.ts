/**
 * Takes in a sealed form: opened, checked against the catalogue, and stored as a record, once.
 *
 * Whoever carries an envelope proves only that he may carry; who sealed it is not known. So a form makes a new record and
 * never changes one that is there, and every refusal is in the log.
 */
import { isFailure } from '#platform/failure';
import { parseSubjectId, recordIdText, subjectIdText, type Uuid } from '#platform/ids';
import type { Tx } from '#platform/db';
import type { CollectionSpec } from '#practices/collection';

import type { CheckConsent } from './check-consent.ts';
import type { CheckValue } from './check-record.ts';
import { collectionOf, eventOf, requireAction, type Caller, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import type { IntakeKeys } from './intake-keys.ts';
import { openForm, readIntakeHeader, type IntakeForm, type OpenedForm } from './intake.ts';
import { putRecords, type PutOutcome } from './put.ts';
import { sealingFailure } from './sealing-failures.ts';
import { insertSeen, isSeen } from './store/intake.ts';

export type Received = Readonly<{
  envelopeId: Uuid;
  auditIndex: bigint | null;
  /** Only for who may store records himself: a carrier need not know whose form it was. */
  id?: string;
  subjectId?: string;
}>;
export type ReceiveAsk = Readonly<{
  envelope: Uint8Array;
  /** How values are checked that were given for a purpose: a form says its own. */
  checkFor: (purpose: string) => CheckValue;
  consentsFor: (purpose: string) => () => CheckConsent;
  remember?: (tx: Tx, received: Received) => Promise<void>;
}>;

/**
 * @throws VAULT_DENIED, VAULT_COLLECTION_UNKNOWN, SEALING_ENVELOPE_UNKNOWN, _FOREIGN, _EXPIRED, _REFUSED, _SEEN,
 *   SEALING_FORM_INVALID, VAULT_PURPOSE_UNKNOWN, VAULT_DUPLICATE, and what checkItem throws; then nothing is stored
 */
export async function receiveForm(core: Core, keys: IntakeKeys, caller: Caller, ask: ReceiveAsk): Promise<Received> {
  await requireAction(core, caller, { action: 'intake.submit' });
  const { collection: named } = readIntakeHeader(ask.envelope);
  const collection = collectionOf(core, named);
  await requireAction(core, caller, { action: 'intake.submit', collection });
  let opened: OpenedForm | null = null;
  try {
    const reader = { installation: core.installation, keys: await keys.accepted(), now: core.clock() };
    opened = openForm(ask.envelope, reader);
    await requireAction(core, caller, {
      action: 'intake.submit',
      collection,
      purpose: checkPurpose(core, collection, opened.form),
    });
    return await store(core, caller, collection, opened, ask);
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.code === 'VAULT_DENIED' || thrown.code === 'VAULT_CATALOG_CHANGED') throw thrown;
    // what the header says of itself is not proven before it was opened, so only then is it named
    await core.audit.append(
      eventOf(caller, {
        action: 'vault.intake', outcome: 'failed',
        detail: { collection: collection.name, code: thrown.code, ...(opened === null ? {} : { envelope: opened.envelopeId }) },
      }),
    ); // prettier-ignore
    throw thrown;
  }
}

async function store(
  core: Core,
  caller: Caller,
  collection: CollectionSpec,
  { form, envelopeId, expiresAt, keyId }: OpenedForm,
  { checkFor, consentsFor, remember }: ReceiveAsk,
): Promise<Received> {
  const { subject, purpose, fields } = form;
  const known = subject === undefined ? null : parseSubjectId(subject);
  const who = subject === undefined ? undefined : known === null ? { externalId: subject } : { id: subject };
  const mayStore = core.decide({ actor: caller.actor, action: 'records.write', collection }).allow;
  const view = (outcome: PutOutcome, auditIndex: bigint | null): Received => {
    if (outcome.status !== 'created') throw outcome.status === 'rejected' ? outcome.failure : vaultFailure('DUPLICATE');
    const ids = { id: recordIdText(outcome.id), subjectId: subjectIdText(outcome.subjectId) };
    return { envelopeId, auditIndex, ...(mayStore ? ids : {}) };
  };
  const put = await putRecords(
    core,
    { ...caller, purpose },
    {
      collection, items: [{ subject: who, fields }], onDuplicate: 'reject', checkValue: checkFor(purpose), consents: consentsFor(purpose),
      entry: { action: 'vault.intake', detail: { key: Buffer.from(keyId).toString('hex'), envelope: envelopeId } },
      remember: async (tx, { outcomes, auditIndex }) => {
        const [outcome] = outcomes as [PutOutcome];
        if (outcome.status !== 'created') return;
        // with the record, in one transaction: the second of two that carry the same envelope waits here, and loses
        if (!(await insertSeen(tx, envelopeId, expiresAt))) throw sealingFailure('ENVELOPE_SEEN');
        await remember?.(tx, view(outcome, auditIndex));
      },
    },
  ); // prettier-ignore
  const outcome = put.outcomes[0] as PutOutcome;
  // of two that carry one envelope at once, the slower finds the other's record before it finds the other's mark
  if (outcome.status === 'rejected' && (await isSeen(core.db, envelopeId))) throw sealingFailure('ENVELOPE_SEEN');
  return view(outcome, put.auditIndex);
}

/**
 * A form says what it was filled in for: the catalogue must know that purpose, and every field must be held for it.
 * @throws VAULT_PURPOSE_UNKNOWN, VAULT_FIELD_INVALID
 */
function checkPurpose(core: Core, collection: CollectionSpec, { purpose, fields }: IntakeForm): string {
  if (!core.catalog().purposes.has(purpose)) throw vaultFailure('PURPOSE_UNKNOWN');
  for (const name of Object.keys(fields)) {
    const spec = collection.fields.get(name);
    // an unknown field is refused with the others, when the values are checked
    if (spec === undefined || spec.purposes.some(({ id }) => id === purpose || purpose.startsWith(`${id}.`))) continue;
    throw vaultFailure('FIELD_INVALID', {
      detail: `${name} is not collected for ${purpose}`,
      hint: 'the catalogue says what each field is for; leave it out, or seal the form for another purpose',
      extra: { field: name },
    });
  }
  return purpose;
}
