/** Which events a rule is about: Sigma's category, product and service → OCSF classes. */
import { CLASSES, type ClassName, type ClassUid } from '../event.ts';

export type Logsource = Readonly<{ category: string | null; product: string | null; service: string | null }>;

const CATEGORIES: Readonly<Record<string, readonly ClassName[]>> = {
  webserver: ['http'],
  proxy: ['http'],
  dns: ['dns'],
  dns_query: ['dns'],
  firewall: ['network'],
  network_connection: ['network'],
  network: ['network', 'dns', 'http'],
  authentication: ['authentication'],
  ids: ['finding'],
  api: ['api'],
};

/** `product/service` where there is no category. */
const SERVICES: Readonly<Record<string, readonly ClassName[]>> = {
  'strongroom/': ['api'],
  'strongroom/inspection': ['finding'],
  'zeek/': ['network', 'dns', 'http', 'finding'],
  'zeek/conn': ['network'],
  'zeek/ssl': ['network'],
  'zeek/x509': ['network'],
  'zeek/dns': ['dns'],
  'zeek/http': ['http'],
  'zeek/notice': ['finding'],
  'zeek/weird': ['finding'],
  'zeek/ssh': ['authentication'],
  'suricata/': ['finding', 'network', 'dns', 'http'],
  'suricata/alert': ['finding'],
  'aws/vpcflow': ['network'],
  'apache/': ['http'],
  'apache/access': ['http'],
  'nginx/': ['http'],
  'nginx/access': ['http'],
  'modsecurity/': ['finding'],
  'linux/sshd': ['authentication'],
  'linux/auth': ['authentication'],
};

/** Of `category: network`. */
const NETWORK_SERVICES: Readonly<Record<string, readonly ClassName[]>> = {
  connection: ['network'],
  dns: ['dns'],
  http: ['http'],
};

/** @returns no class where no sensor of this system makes such events: the rule is idle */
export function classesOf({ category, product, service }: Logsource): readonly ClassUid[] {
  // events of the operating system have fields, as the program's name, that no sensor here sees
  if (product === 'windows' || product === 'macos') return [];
  const names =
    category === null
      ? own(SERVICES, `${product ?? ''}/${service ?? ''}`)
      : category === 'network' && service !== null
        ? own(NETWORK_SERVICES, service)
        : own(CATEGORIES, category);
  return (names ?? []).map((name) => CLASSES[name]);
}

export const knownCategories = (): string[] => Object.keys(CATEGORIES);

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
