/** Detection in free text: F1 and MB/s beside others, on the same texts in the same run. */
import { createDetector, type DetectedType, type Detector } from '#practices/collection';

import type { Peers } from '../peers.ts';
import { forAboutOnCore, ratioOf, spreadOf, type Spread } from '../rounds.ts';
import { goal, type Figure, type Goal, type Missing, type Row, type Side } from '../row.ts';
import { createGenerator, type LabelledText } from './generate.ts';
import { labelledSentences, LOOKED_AT } from './labelled.ts';
import { addScores, f1, precision, recall, sumOf, type Count, type Counts } from './score.ts';
import { HELD_OUT_SENTENCES } from './sentences.ts';
import { openRedaction, redactPii, type TextDetector } from './text-peers.ts';

const STRUCTURED: readonly DetectedType[] = ['email', 'iban', 'payment-card', 'ip-address', 'national-id', 'phone'];
const MEASURED: readonly DetectedType[] = [...STRUCTURED, 'person-name'];
const BENCH_SEED = 4_711;

const once = (value: number): Spread => spreadOf([value]);

export const text: Row = {
  name: 'detect-text',
  title: 'Personal data in free text',
  how: [
    'Text from Faker under a seed and sentences that were written last (HELD_OUT_SENTENCES of bench/collection/sentences.ts), in 14 locales. After they were measured once (structured P .996, R .916; names P .958, R .897), one rule was changed: Diners cards of 14 digits count without a word for card. Right is IoU of at least 0.5 with a label of the type.',
    'Labelled: presidio-research, 100 sentences, of which errors in the first 50 were looked at and the others not; read from ../shared, not shipped.',
    'Structured: e-mail, IBAN, card, IP, national id, phone. Benign: cells without anything personal, flagged for any type. MB/s of one thread by its own CPU time, the texts as one; the peers sentence by sentence, for the time of openredaction grows with the square of the text.',
  ],
  measure: async ({ sizes, peers, progress }) => {
    const missing: Missing[] = [];
    const count = sizes.name === 'full' ? 1500 : sizes.name === 'quick' ? 400 : 40;
    const generator = createGenerator(BENCH_SEED);
    const texts = generator.texts(count, HELD_OUT_SENTENCES);
    const detector = createDetector();
    const contenders = [ours(detector), ...othersOf(peers, missing)];
    const figures: Figure[] = [];
    const sides: Side[] = [];
    const goals: Goal[] = [];

    const scores = new Map<string, Counts>();
    for (const contender of contenders) {
      progress(`scores of ${contender.name}`);
      const counts = await countsOf(contender, texts);
      scores.set(contender.name, counts);
      figures.push(...typeFigures(contender.name, counts));
    }
    const broad = await countsOf(ours(detector, 'broad'), texts);
    const mine = scores.get('strongroom') as Counts;
    goals.push(...qualityGoals(mine, broad, benignShare(detector, generator.benign(count * 4))));
    const all = f1(sumOf(mine, MEASURED));
    for (const [name, counts] of scores)
      if (name !== 'strongroom') goals.push(goal(`points of F1 over ${name}`, once((all - f1(sumOf(counts, MEASURED))) * 100), { atLeast: 10 })); // prettier-ignore

    const labelled = labelledSentences();
    if (labelled === null) missing.push({ peer: 'the labelled sentences', why: '../shared/data/pii is not there' });
    else
      for (const contender of [...contenders, { ...ours(detector, 'broad'), name: 'strongroom, broad' }])
        for (const [half, part] of [['not looked at', labelled.slice(LOOKED_AT)], ['looked at', labelled.slice(0, LOOKED_AT)]] as const) {
          const counts = await countsOf(contender, part);
          figures.push({ name: `${contender.name}, labelled, ${half}: F1`, value: f1(sumOf(counts, MEASURED)), unit: spoken(sumOf(counts, MEASURED)) });
          const person = sumOf(counts, ['person-name']);
          figures.push({ name: `${contender.name}, labelled, ${half}: names F1`, value: f1(person), unit: spoken(person) });
        } // prettier-ignore

    const speeds = await speedsOf(detector, contenders, texts, sizes.rounds, sizes.roundMs);
    for (const [name, spread] of speeds.spreads) sides.push({ name, unit: 'MB/s', spread });
    return { sides, goals: [...goals, ...speeds.goals], figures, missing };
  },
};

const ours = (detector: Detector, names: 'precise' | 'broad' = 'precise'): TextDetector => ({
  name: 'strongroom',
  find: (one) => detector.detectText(one, { names, types: MEASURED }),
});

const othersOf = (peers: Peers, missing: Missing[]): TextDetector[] => [
  ...redactPii(peers, missing),
  ...openRedaction(peers, missing),
];

async function countsOf({ find }: TextDetector, texts: readonly LabelledText[]): Promise<Counts> {
  const counts: Counts = new Map();
  for (const { text: one, spans } of texts) addScores(counts, await find(one), spans, MEASURED);
  return counts;
}

const spoken = (count: Count): string => `P ${precision(count).toFixed(3)}, R ${recall(count).toFixed(3)}`;

function typeFigures(name: string, counts: Counts): Figure[] {
  const parts: [string, Count][] = [...MEASURED.map((type) => [type, sumOf(counts, [type])] as [string, Count]), ['all', sumOf(counts, MEASURED)]]; // prettier-ignore
  return parts.map(([type, count]) => ({ name: `${name}: F1 of ${type}`, value: f1(count), unit: spoken(count) }));
}

function benignShare(detector: Detector, cells: readonly string[]): number {
  return cells.filter((cell) => detector.detectText(cell).length > 0).length / cells.length;
}

function qualityGoals(mine: Counts, broad: Counts, benign: number): Goal[] {
  const [structured, person, wide] = [sumOf(mine, STRUCTURED), sumOf(mine, ['person-name']), sumOf(broad, ['person-name'])]; // prettier-ignore
  return [
    goal('precision, structured types', once(precision(structured)), { atLeast: 0.95 }),
    goal('recall, structured types', once(recall(structured)), { atLeast: 0.93 }),
    goal('precision of names, precise', once(precision(person)), { atLeast: 0.85 }),
    goal('recall of names, precise', once(recall(person)), { atLeast: 0.6 }),
    goal('recall of names, broad', once(recall(wide)), { atLeast: 0.85 }),
    goal('share of benign cells flagged', once(benign), { atMost: 0.005 }),
  ];
}

type Speeds = Readonly<{ spreads: ReadonlyMap<string, Spread>; goals: readonly Goal[] }>;

async function speedsOf(
  detector: Detector,
  contenders: readonly TextDetector[],
  texts: readonly LabelledText[],
  rounds: number,
  ms: number,
): Promise<Speeds> {
  const whole = texts.map(({ text: one }) => one).join('\n');
  const megabytes = Buffer.byteLength(whole) / 1e6;
  const few = texts.slice(0, 100);
  const fewMegabytes = few.reduce((sum, { text: one }) => sum + Buffer.byteLength(one), 0) / 1e6;
  const rates = new Map<string, number[]>();
  const add = (name: string, rate: number): void => void rates.set(name, [...(rates.get(name) ?? []), rate]);
  for (let round = 0; round <= rounds; round += 1) {
    // round 0 warms up
    const note = round === 0 ? (): void => undefined : add;
    for (const [name, types] of [['strongroom, structured types', STRUCTURED], ['strongroom, everything', undefined]] as const) {
      const did = forAboutOnCore(ms, () => void detector.detectText(whole.slice(0, 65_536), types === undefined ? {} : { types }));
      note(name, (did.operations * Math.min(megabytes, 0.065_536)) / (did.seconds ?? 1));
    } // prettier-ignore
    for (const { name, find } of contenders) {
      const began = process.threadCpuUsage();
      let [times, seconds] = [0, 0];
      while (seconds < ms / 1000) {
        for (const { text: one } of few) await find(one);
        const { user, system } = process.threadCpuUsage(began);
        [times, seconds] = [times + 1, (user + system) / 1e6];
      }
      note(`${name}, sentence by sentence`, (fewMegabytes * times) / seconds);
    }
  }
  const spreads = new Map([...rates].map(([name, values]) => [name, spreadOf(values)]));
  const everything = rates.get('strongroom, everything') ?? [];
  return {
    spreads,
    goals: [
      goal('MB/s, structured types', spreadOf(rates.get('strongroom, structured types') ?? []), { atLeast: 8 }),
      goal('MB/s, everything', spreadOf(everything), { atLeast: 1 }),
      ...contenders.slice(1).map(({ name }) =>
        goal(`times ${name}, MB/s of everything`, ratioOf(everything, rates.get(`${name}, sentence by sentence`) ?? []), { atLeast: 5 })),
    ], // prettier-ignore
  };
}
