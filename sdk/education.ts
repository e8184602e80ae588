/** Lessons, policies, and who stands how with what their role asks for. */
import type {
  Absences,
  AbsenceToNote,
  BegunSitting,
  Course,
  EducationTexts,
  ExemptionToAsk,
  Exemptions,
  GradedSitting,
  MyTraining,
  PolicyToRead,
  PolicySignature,
  PublishedText,
  SignatureReceipt,
  SignedPolicy,
  TextHistory,
  TextKind,
  TextToPublish,
  TrainingCoverage,
  TrainingToAssign,
  TrainingToRevoke,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Education = {
  /** What the signed-in person has to pass and sign; a key has nothing to learn. */
  mine: (options?: CallOptions) => Promise<MyTraining>;
  course: (id: string, options?: CallOptions) => Promise<Course>;
  /** Begins a try, or goes on with the one that is open. */
  begin: (course: string, options?: CallOptions) => Promise<BegunSitting>;
  /** Graded once. @param answers for each question places among its options, from 0 */
  handIn: (sitting: string, answers: readonly (readonly number[])[], options?: CallOptions) => Promise<GradedSitting>;
  policy: (id: string, options?: CallOptions) => Promise<PolicyToRead>;
  /** The very text that was read: `hash` is its own. */
  sign: (id: string, signature: PolicySignature, options?: CallOptions) => Promise<SignedPolicy>;
  /** `proof` verifies without us: `verifyProof`. */
  receipt: (policy: string, options?: CallOptions) => Promise<SignatureReceipt>;
  /** By id, at most 1000 at once; `next` of the answer is `after` of the next ones. */
  coverage: (page?: Readonly<{ after?: string; limit?: number }>, options?: CallOptions) => Promise<TrainingCoverage>;
  /** Everybody, in one answer, a page at a time. */
  coverageOfAll: (options?: CallOptions) => Promise<Pick<TrainingCoverage, 'people' | 'untaught'>>;
  assign: (training: TrainingToAssign, options?: CallOptions) => Promise<Readonly<{ assigned: number }>>;
  /** What was passed or signed has to be done anew. */
  revoke: (training: TrainingToRevoke, options?: CallOptions) => Promise<void>;
  /** Their clocks stand still. */
  noteAbsence: (absence: AbsenceToNote, options?: CallOptions) => Promise<Readonly<{ id: string }>>;
  endAbsence: (id: string, until: string, options?: CallOptions) => Promise<void>;
  /** Who is away, or was within 90 days. */
  absences: (options?: CallOptions) => Promise<Absences>;
  exemptions: (options?: CallOptions) => Promise<Exemptions>;
  /** Holds once another person has approved it. */
  askExemption: (exemption: ExemptionToAsk, options?: CallOptions) => Promise<Readonly<{ id: string }>>;
  approveExemption: (id: string, options?: CallOptions) => Promise<void>;
  endExemption: (id: string, options?: CallOptions) => Promise<void>;
  /** The newest version of each text. */
  texts: (options?: CallOptions) => Promise<EducationTexts>;
  /** All versions of a text, and the newest as it was published. */
  text: (kind: TextKind, id: string, options?: CallOptions) => Promise<TextHistory>;
  /** On top of the version that was read: `replaces` is its hash. */
  publish: (text: TextToPublish, options?: CallOptions) => Promise<PublishedText>;
};

export function createEducation({ json }: Transport): Education {
  const path = '/v1/education';
  const at = (...parts: readonly string[]): string =>
    [path, ...parts.map((each) => encodeURIComponent(each))].join('/');
  const read = <T>(where: string, options?: CallOptions): Promise<T> =>
    json({ method: 'GET', path: where, does: 'read' }, options);
  const post = <T>(where: string, body: object | undefined, options?: CallOptions): Promise<T> =>
    json({ method: 'POST', path: where, does: 'change', ...(body === undefined ? {} : { json: body }) }, options);
  const coverage: Education['coverage'] = ({ after, limit } = {}, options) => {
    const query = new URLSearchParams({
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit: String(limit) }),
    });
    return read(query.size === 0 ? at('coverage') : `${at('coverage')}?${query.toString()}`, options);
  };
  return {
    mine: (options) => read(at('mine'), options),
    course: (id, options) => read(at('courses', id), options),
    begin: (course, options) => post(at('courses', course, 'sittings'), undefined, options),
    handIn: (sitting, answers, options) => post(at('sittings', sitting, 'answers'), { answers }, options),
    policy: (id, options) => read(at('policies', id), options),
    sign: (id, signature, options) => post(at('policies', id, 'signature'), signature, options),
    receipt: (policy, options) => read(at('policies', policy, 'receipt'), options),
    coverage,
    coverageOfAll: async (options) => {
      const people: TrainingCoverage['people'][number][] = [];
      const untaught = new Set<string>();
      for (let after: string | null = ''; after !== null;) {
        const page: TrainingCoverage = await coverage(after === '' ? {} : { after }, options);
        people.push(...page.people);
        page.untaught.forEach((role) => untaught.add(role));
        after = page.next;
      }
      return { people, untaught: [...untaught].toSorted() };
    },
    assign: (training, options) => post(at('assignments'), training, options),
    revoke: (training, options) => post(at('revocations'), training, options),
    noteAbsence: (absence, options) => post(at('absences'), absence, options),
    endAbsence: (id, until, options) => post(at('absences', id, 'end'), { until }, options),
    absences: (options) => read(at('absences'), options),
    exemptions: (options) => read(at('exemptions'), options),
    askExemption: (exemption, options) => post(at('exemptions'), exemption, options),
    approveExemption: (id, options) => post(at('exemptions', id, 'approve'), undefined, options),
    endExemption: (id, options) => post(at('exemptions', id, 'end'), undefined, options),
    texts: (options) => read(at('texts'), options),
    text: (kind, id, options) => read(at('texts', kind, id), options),
    publish: (text, options) => post(at('texts'), text, options),
  }; // prettier-ignore
}
