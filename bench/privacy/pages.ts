/** Pages that are made of catalogue, settings and what somebody said, beside a file that the same server only hands out. */
import { load, type Request } from '../load/load.ts';
import { ratioOf, spreadOf, takeTurns, type Contender } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { openCenter } from './center.ts';

const FILE = 'a static file of the same server';
const SHORT = 'the notice in short';
const FULL = 'the notice in full';
const CHOICES = 'the choices of who is signed in';
const OFFER = 'what the widget asks for';

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const center = await openCenter(await world(), 'pages');
  try {
    const cookie = await center.customer(1);
    const get = (path: string, headers: Record<string, string> = {}): Request => ({ method: 'GET', path, headers });
    const asked = {
      [FILE]: get('/center/assets/center.css'),
      [SHORT]: get('/center/?lang=en'),
      [FULL]: get('/center/notice?lang=en'),
      [CHOICES]: get('/center/preferences?lang=en', { cookie }),
      [OFFER]: get('/v1/privacy/choices?lang=en'),
    };
    type Name = keyof typeof asked;
    const contenders = (Object.entries(asked) as [Name, Request][]).map(([name, request]): Contender<Name> => ({
      name,
      work: async () => {
        const { answered, seconds } = await load({
          url: center.server.url,
          requests: [request],
          connections: sizes.connections,
          seconds: sizes.loadSeconds / 3,
        });
        return { operations: answered, seconds };
      },
    }));
    const rates = await takeTurns(contenders, {
      rounds: Math.min(5, sizes.rounds),
      warmups: 1,
      onRound: (round, of) => progress(`round ${round} of ${of}`),
    });
    const share = (name: Name, atLeast: number) =>
      goal(`${name}, of ${FILE}`, ratioOf(rates[name], rates[FILE]), { atLeast });
    return {
      sides: (Object.keys(asked) as Name[]).map((name) => ({ name, unit: 'pages/s', spread: spreadOf(rates[name]) })),
      goals: [share(SHORT, 0.2), share(FULL, 0.1), share(CHOICES, 0.1), share(OFFER, 0.2)],
    };
  } finally {
    await center.close();
  }
}

export const pages: Row = {
  name: 'pages',
  title: 'notice and preferences under load',
  how: [
    'One server process, the example catalogue, a published notice; keep-alive connections from a process beside it. Every page is made anew for each request and looks up in PostgreSQL which notice holds; choices are those of a signed-in customer, with what they said. The peer is a style sheet that the same server hands out from memory.',
  ],
  measure,
};
