/**
 * The form of OSCAL 1.2.2 as far as we write it, for tests, as JSON Schema. Ours, written after reading NIST's two schemas, which are
 * not kept here: only members that we write, all else refused; where NIST leaves a list open we keep to what it lists. So it may
 * be narrower than NIST's and is not meant to be wider anywhere, but it is not the official schema.
 * Source: NIST OSCAL 1.2.2, JSON schemas of the assessment-results and POA&M models
 */
type Schema = Readonly<Record<string, unknown>>;
type Members = Readonly<Record<string, Schema>>;

const object = (must: Members, may: Members = {}): Schema => ({
  type: 'object',
  properties: { ...must, ...may },
  required: Object.keys(must),
  additionalProperties: false,
});
/** NIST has no empty lists. */
const list = (items: Schema): Schema => ({ type: 'array', items, minItems: 1 });
const one = (...of: readonly string[]): Schema => ({ enum: of });
const text = (pattern: string, more: Schema = {}): Schema => ({ type: 'string', pattern, ...more });

const markup: Schema = { type: 'string' };
/** Titles: one line, not empty. */
const line = text(String.raw`^[^\n]+$`);
/** No space at either end, not empty, one line. */
const string = text(String.raw`^(?!\s).+(?<!\s)$`);
const token = text(String.raw`^[\p{L}_][\p{L}\p{N}._-]*$`);
const uri = text(String.raw`^[A-Za-z][A-Za-z0-9+.-]+:.`, { format: 'uri' });
const reference: Schema = { type: 'string', format: 'uri-reference' };
/** We write UTC alone, and years of four digits in this millennium. */
const time = text(String.raw`^2\d{3}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$`, { format: 'date-time' });
/** Of version 4 or 5. */
const uuid = text(String.raw`^\p{AHex}{8}-\p{AHex}{4}-[45]\p{AHex}{3}-[89abAB]\p{AHex}{3}-\p{AHex}{12}$`);

const metadata = object({ title: line, 'last-modified': time, version: string, 'oscal-version': one('1.2.2') });
const props = list(object({ name: token, value: string }, { ns: uri }));
const origin = object({ actors: list(object({ type: one('tool', 'assessment-platform', 'party'), 'actor-uuid': uuid })) }); // prettier-ignore
const component = object(
  {
    uuid,
    type: one('software'),
    title: line,
    description: markup,
    status: object({ state: one('under-development', 'operational', 'disposition', 'other') }),
  },
  { props },
);
const observation = object(
  { uuid, description: markup, methods: list(one('EXAMINE', 'INTERVIEW', 'TEST', 'UNKNOWN')), collected: time },
  {
    title: line,
    props,
    types: list(one('ssp-statement-issue', 'control-objective', 'mitigation', 'finding', 'discovery', 'historic')),
    origins: list(origin),
    'relevant-evidence': list(object({ description: markup }, { href: reference, props })),
    expires: time,
  },
);
const risk = object(
  {
    uuid,
    title: line,
    description: markup,
    statement: markup,
    status: one('open', 'investigating', 'remediating', 'deviation-requested', 'deviation-approved', 'closed'),
  },
  {
    props,
    characterizations: list(
      object({
        origin,
        facets: list(object({ name: token, system: one('http://csrc.nist.gov/ns/oscal/unknown'), value: string })),
      }),
    ),
    deadline: time,
  },
);
const risks = list(object({ 'risk-uuid': uuid }));
const finding = object(
  {
    uuid,
    title: line,
    description: markup,
    target: object({
      type: one('statement-id', 'objective-id'),
      'target-id': token,
      status: object({ state: one('satisfied', 'not-satisfied') }, { remarks: markup }),
    }),
  },
  { origins: list(origin), 'related-observations': list(object({ 'observation-uuid': uuid })), 'related-risks': risks },
);
/** All controls, or those named: one of the two has to be said, and not both. */
const selection: Schema = {
  oneOf: [object({ 'include-all': object({}) }), object({ 'include-controls': list(object({ 'control-id': token })) })],
};
const platform = object({ uuid }, { title: line, 'uses-components': list(object({ 'component-uuid': uuid })) });
const result = object(
  {
    uuid,
    title: line,
    description: markup,
    start: time,
    'reviewed-controls': object({ 'control-selections': list(selection) }),
  },
  {
    end: time,
    'local-definitions': object({}, { 'assessment-assets': object({ 'assessment-platforms': list(platform) }, { components: list(component) }) }), // prettier-ignore
    observations: list(observation),
    risks: list(risk),
    findings: list(finding),
  },
);
const resource = object({ uuid }, { title: line, description: markup, rlinks: list(object({ href: reference }, { 'media-type': string })) }); // prettier-ignore

export const RESULTS_FORM = object({
  'assessment-results': object(
    { uuid, metadata, 'import-ap': object({ href: reference }), results: list(result) },
    { 'back-matter': object({}, { resources: list(resource) }) },
  ),
});

export const POAM_FORM = object({
  'plan-of-action-and-milestones': object(
    {
      uuid,
      metadata,
      'poam-items': list(object({ title: line, description: markup }, { uuid, props, origins: list(origin), 'related-risks': risks })), // prettier-ignore
    },
    {
      'system-id': object({ id: string }, { 'identifier-type': one('http://ietf.org/rfc/rfc4122') }),
      'local-definitions': object({}, { components: list(component) }),
      risks: list(risk),
    },
  ),
});
