/** Routes on the IAB's TCF: what of ours stands for what of theirs, strings that come in, and strings that go out. */
import Type from 'typebox';

import { isFailure } from '#platform/failure';
import type { HttpServer } from '#platform/http';

import { holderText } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import type { TcfStanding } from '../tcf/tcf.ts';
import type { TcFacts } from '../tcf/string.ts';
import { byOf, holderOf, keyPurposesRefused, mayBringYes, type PrivacyHttpNeeds } from './needs.ts';

const tags = ['privacy'];
/** The list has some thousand vendors at about a kilobyte each. */
const LIST_BYTES = 8 * 1024 * 1024;
const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const ID = Type.Integer({ minimum: 1, maximum: 65_535 });
const NUMBERS = (most: number) => Type.Array(Type.Integer({ minimum: 1, maximum: most }), { maxItems: most, uniqueItems: true }); // prettier-ignore
const SETTINGS = {
  cmpId: Type.Union([Type.Integer({ minimum: 2, maximum: 4095 }), Type.Null()], { description: 'of a registered CMP; null: no string is written' }),
  cmpVersion: Type.Integer({ minimum: 0, maximum: 4095 }),
  publisherCountry: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166; AA: not said' }),
  vendorId: Type.Union([ID, Type.Null()], { description: 'which vendor of the list we are; null: none' }),
  purposes: Type.Array(
    Type.Object({
      purpose: Type.String({ minLength: 1, maxLength: 200 }),
      tcf: NUMBERS(24),
      specialFeatures: NUMBERS(12),
    }, { additionalProperties: false }),
    { maxItems: 100, description: 'what of the catalogue stands for which purposes of the TCF' },
  ),
  vendors: Type.Array(ID, { maxItems: 1000, uniqueItems: true, description: 'who people are shown' }),
}; // prettier-ignore
const STANDING = Type.Object({
  ...SETTINGS,
  vendorListVersion: Type.Integer(),
  policyVersion: Type.Integer(),
  setAt: Type.String(),
  setBy: Type.String(),
});
const IDS = Type.Array(Type.Integer());
const FACTS = Type.Object({
  created: Type.String(), lastUpdated: Type.String(), cmpId: Type.Integer(), cmpVersion: Type.Integer(), screen: Type.Integer(), language: Type.String(),
  vendorListVersion: Type.Integer(), policyVersion: Type.Integer(), serviceSpecific: Type.Boolean(), ownTexts: Type.Boolean(), purposeOneTreatment: Type.Boolean(), publisherCountry: Type.String(),
  specialFeatures: IDS, purposeConsents: IDS, purposeLegitimateInterests: IDS, vendorConsents: IDS, vendorLegitimateInterests: IDS,
  vendorsDisclosed: Type.Union([IDS, Type.Null()]),
  publisher: Type.Union([Type.Object({ consents: IDS, legitimateInterests: IDS }), Type.Null()]),
  restrictions: Type.Array(Type.Object({ purpose: Type.Integer(), rule: Type.String(), vendors: IDS })),
}); // prettier-ignore
const TC_STRING = Type.String({ minLength: 1, maxLength: 8192 });
const HOLDER = Type.String({ minLength: 4, maxLength: 64, description: 'sub_… or anon_…' });

const standingOut = ({ settings, vendorListVersion, policyVersion, setAt, setBy }: TcfStanding) => ({
  ...settings,
  purposes: settings.purposes.map((each) => ({ ...each, tcf: [...each.tcf], specialFeatures: [...each.specialFeatures] })),
  vendors: [...settings.vendors],
  vendorListVersion, policyVersion, setAt: setAt.toISOString(), setBy,
}); // prettier-ignore
/** Through JSON: arrays of ours are readonly, and those of the schema are not. */
const factsOut = ({ created, lastUpdated, ...rest }: TcFacts) =>
  ({ ...rest, created: created.toISOString(), lastUpdated: lastUpdated.toISOString() }) as never;

export function tcfRoutes(server: HttpServer, needs: PrivacyHttpNeeds): void {
  const { allowed, audit } = needs;
  const tcf = () => needs.privacy.tcf;

  server.route({
    method: 'GET',
    url: '/v1/privacy/tcf',
    schema: {
      operationId: 'readTcf', tags, summary: "What of ours stands for what of the IAB's TCF",
      response: { 200: STANDING },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'notice.read');
      const found = await tcf().standing();
      if (found === null) throw privacyFailure('TCF_OFF');
      return standingOut(found);
    },
  });

  server.route({
    method: 'PUT',
    url: '/v1/privacy/tcf',
    bodyLimit: LIST_BYTES,
    schema: {
      operationId: 'setTcf', tags, summary: 'Set what stands for what, with a vendor list as IAB Europe publishes it, or by the one that is here',
      body: Type.Object({ ...SETTINGS, vendorList: Type.Optional(Type.Unknown({ description: 'vendor-list.json; left out: the newest that is here' })) }, { additionalProperties: false }),
      response: { 200: STANDING },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowed(request, 'notice.publish');
      const { vendorList, ...settings } = request.body;
      return standingOut(await tcf().set(byOf(actor, request.id), settings, vendorList));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/tcf/decode',
    schema: {
      operationId: 'decodeTcString', tags, summary: 'What a TC string says; nothing is kept',
      body: Type.Object({ tcString: TC_STRING }, { additionalProperties: false }),
      response: { 200: FACTS },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'consents.read');
      return factsOut(await tcf().decode(request.body.tcString));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/tcf/records',
    schema: {
      operationId: 'recordTcString', tags, summary: 'Record what a TC string says to our purposes, with the string as the evidence; what was said since stays',
      body: Type.Object({ holder: HOLDER, tcString: TC_STRING }, { additionalProperties: false }),
      response: { 200: Type.Object({
        holder: Type.String(),
        facts: FACTS,
        events: Type.Array(Type.Object({ id: Type.String(), purpose: Type.String(), said: Type.String(), at: Type.String(), expiresAt: NULLABLE, hash: Type.String(), receipt: Type.String() })),
        ignored: Type.Array(Type.Object({ purpose: Type.String(), because: Type.Enum(['older', 'over']) }), { description: 'older: something was said since; over: the string is older than 13 months' }),
      }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowed(request, 'consents.record');
      const holder = holderOf(request.body.holder);
      const by = byOf(actor, request.id);
      const { facts, events, ignored } = await tcf()
        .record(by, holder, request.body.tcString, mayBringYes(actor))
        .catch(async (thrown: unknown) => {
          throw isFailure(thrown, 'PRIVACY_KEY_PURPOSES') ? await keyPurposesRefused(needs, by, holder) : thrown;
        });
      return { holder: holderText(holder), facts: factsOut(facts), events: [...events], ignored: [...ignored] };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/privacy/tcf/strings',
    schema: {
      operationId: 'writeTcString', tags, summary: 'The TC string of what holds for somebody now',
      body: Type.Object({
        holder: HOLDER,
        vendors: Type.Array(ID, { maxItems: 1000, description: 'who the person was shown, and nobody else' }),
        language: Type.Optional(Type.String({ pattern: '^[a-z]{2}$' })),
      }, { additionalProperties: false }),
      response: { 200: Type.Object({ tcString: Type.String() }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await allowed(request, 'consents.read');
      const { vendors, language = 'en' } = request.body;
      const holder = holderOf(request.body.holder);
      await audit.append({
        action: 'privacy.consents.read', actor: byOf(actor, request.id).actor, requestId: request.id, outcome: 'done',
        ...(holder.kind === 'subject' ? { subjects: [holder.id] } : {}),
      }); // prettier-ignore
      return { tcString: await tcf().write(holder, vendors, language) };
    },
  });
}
