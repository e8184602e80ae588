/** deploy/systemd/: units as systemd reads them, alike in what they may not do. */
import { commandFaults, secretFaults, settingFaults, stopFaults, type Fault, type Truths } from './truths.ts';

/** `Key=value` of each section, in order; a key may come more than once. */
export type Unit = ReadonlyMap<string, readonly (readonly [string, string])[]>;

/** Source: systemd.syntax(7) */
export function readUnit(text: string): Unit {
  const unit = new Map<string, (readonly [string, string])[]>();
  let section = '';
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (/^\[.+\]$/.test(line)) section = line.slice(1, -1);
    else if (at > 0 && !/^[#;]/.test(line))
      unit.set(section, [...(unit.get(section) ?? []), [line.slice(0, at), line.slice(at + 1)]]);
  }
  return unit;
}

const all = (unit: Unit, section: string, key: string): string[] =>
  (unit.get(section) ?? []).flatMap(([name, value]) => (name === key ? [value] : []));
const one = (unit: Unit, section: string, key: string): string => all(unit, section, key).at(-1) ?? '';

/** What every unit of ours must not be able to do; MemoryDenyWriteExecute= would keep V8 from compiling. */
const WALLS = [
  'NoNewPrivileges', 'CapabilityBoundingSet', 'AmbientCapabilities', 'ProtectSystem', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'PrivateUsers', 'ProtectClock', 'ProtectHostname',
  'ProtectKernelLogs', 'ProtectKernelModules', 'ProtectKernelTunables', 'ProtectControlGroups', 'ProtectProc', 'ProcSubset', 'RestrictNamespaces', 'RestrictRealtime', 'RestrictSUIDSGID',
  'RestrictAddressFamilies', 'LockPersonality', 'RemoveIPC', 'KeyringMode', 'UMask', 'SystemCallArchitectures', 'SystemCallFilter', 'SystemCallErrorNumber',
] as const; // prettier-ignore

export function unitFaults(units: Readonly<Record<string, string>>, truths: Truths): Fault[] {
  const read = Object.fromEntries(Object.entries(units).map(([name, text]) => [name, readUnit(text)]));
  const services = Object.entries(read).filter(([name]) => name.endsWith('.service'));
  const [first] = services;
  const wallsOf = (unit: Unit): string => WALLS.map((wall) => `${wall}=${all(unit, 'Service', wall).join(' ')}`).join('\n');
  const faults: Fault[] = [];
  for (const [name, unit] of services) {
    const no = (wrong: boolean, says: string): void => void (wrong && faults.push(`${name}: ${says}`));
    for (const wall of WALLS) no(all(unit, 'Service', wall).length === 0, `${wall}= is not set`);
    no(first !== undefined && wallsOf(unit) !== wallsOf(first[1]), `what it may not do is not as in ${first?.[0] ?? ''}`);
    no(['', 'root'].includes(one(unit, 'Service', 'User')), 'it runs as root');
    for (const start of ['ExecStart', 'ExecStartPost'] as const)
      for (const line of all(unit, 'Service', start)) faults.push(...commandFaults(`${name}: ${start}`, line.split(' '), truths));
    const environment = Object.fromEntries(all(unit, 'Service', 'Environment').flatMap((line) => line.split(' ').map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1).replace('%i', '7701')] as [string, string])));
    faults.push(...settingFaults(name, environment), ...secretFaults(name, environment));
    const given = all(unit, 'Service', 'LoadCredential').map((line) => line.split(':')[0] as string);
    const wanted = Object.values(environment).flatMap((value) => [...value.matchAll(/%d\/([\w.-]+)/g)].map(([, file]) => file as string));
    no(given.toSorted().join() !== wanted.toSorted().join(), `credentials are ${given.join()}, and ${wanted.join()} are read`);
    for (const line of all(unit, 'Service', 'LoadCredential')) no(!/^[\w.-]+:\/etc\/strongroom\/secrets\/[\w.-]+$/.test(line), `${line} is a credential from elsewhere`);
    if (one(unit, 'Service', 'ExecStart').endsWith(' serve')) {
      faults.push(...stopFaults(name, Number(one(unit, 'Service', 'TimeoutStopSec')), Number(environment['STRONGROOM_DRAIN_SECONDS'] ?? 0)));
      const socket = read['strongroom-runner.socket'];
      no(environment['STRONGROOM_ASSURANCE_RUNNER'] !== (socket && one(socket, 'Socket', 'ListenStream')), 'the runner listens elsewhere');
      no(all(unit, 'Service', 'ExecStartPost').some((line) => / health .*--wait /.test(line) && !line.endsWith(' --while ${MAINPID}')), 'a server that died is waited for, and not restarted');
      no(!(environment['STRONGROOM_HOME'] ?? '').startsWith(`/var/lib/${one(unit, 'Service', 'StateDirectory')}/`), 'its home is nowhere that it may write');
    }
  }
  return [...faults, ...runnerFaults(read)];
} // prettier-ignore

/** Attacks come from an account that has nothing. */
function runnerFaults(units: Readonly<Record<string, Unit>>): Fault[] {
  const [socket, runner, server] = [units['strongroom-runner.socket'], units['strongroom-runner@.service'], units['strongroom.service']]; // prettier-ignore
  if (socket === undefined || runner === undefined || server === undefined) return ['the runner, its socket or the server has no unit'];
  const wrong: readonly (readonly [boolean, string])[] = [
    [one(runner, 'Service', 'User') === one(server, 'Service', 'User'), 'strongroom-runner@.service: it is the account of the server'],
    [all(runner, 'Service', 'LoadCredential').length + all(runner, 'Service', 'EnvironmentFile').length > 0, 'strongroom-runner@.service: it is given what is the server’s'],
    [!one(runner, 'Service', 'InaccessiblePaths').includes('/etc/strongroom'), 'strongroom-runner@.service: it can look where keys lie'],
    [one(socket, 'Socket', 'Accept') !== 'yes', 'strongroom-runner.socket: runs share a process'],
    [one(socket, 'Socket', 'SocketMode') !== '0660' || one(socket, 'Socket', 'SocketGroup') !== one(server, 'Service', 'Group'), 'strongroom-runner.socket: others can ask for a run'],
  ]; // prettier-ignore
  return wrong.flatMap(([is, says]) => (is ? [says] : []));
} // prettier-ignore

/** The commands of docs/deploy.md that put the program onto a machine: code that runs with the root keys is root's alone. */
export function installFaults(text: string): Fault[] {
  const block = /^## systemd\n[^]*?^```sh[^\n]*\n([^]*?)^```/m.exec(text)?.[1] ?? '';
  const wrong: readonly (readonly [boolean, string])[] = [
    [!block.includes('git archive HEAD | tar --extract ') || /^.*\bcp\b.* \. /m.test(block), 'what lies about in the checkout is installed'],
    [!block.includes('--no-same-owner'), 'its files belong to whoever checked them out'],
    [[...block.matchAll(/\bnpm [^&\n)]+/g)].some(([npm]) => !npm.includes('--ignore-scripts')), 'scripts of packages run as root'],
    [!block.includes('node tools/build-web.ts'), 'it has no pages'],
    [!block.includes('chmod -R go+rX,go-w .'), 'others can write to it, or cannot read it'],
    [!/--mode=0700 \/etc\/strongroom\/secrets$/m.test(block), 'others can look into the secrets'],
  ]; // prettier-ignore
  return wrong.flatMap(([is, says]) => (is ? [`deploy.md: ${says}`] : []));
} // prettier-ignore
