/** What deploy/ ships is right, and what is planted in it is found. */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';

import { run } from '../run.ts';
import { composeFaults } from './compose-file.ts';
import { dockerfileFaults, ignoreFaults } from './dockerfile.ts';
import { manifestFaults } from './manifests.ts';
import { readTruths } from './truths.ts';
import { installFaults, unitFaults } from './units.ts';

const truths = readTruths(process.cwd());
const read = (path: string): string => readFileSync(`deploy/${path}`, 'utf8');
const folder = (name: string): Record<string, string> =>
  Object.fromEntries(globSync('**/*', { cwd: `deploy/${name}`, withFileTypes: true }).filter((each) => each.isFile()).map((each) => {
    const path = join(each.parentPath, each.name);
    return [path.slice(`deploy/${name}/`.length), readFileSync(path, 'utf8')];
  })); // prettier-ignore

type Plant = readonly [was: string | RegExp, becomes: string, found: RegExp];
/** Each plant alone turns the linter red, with what it is; the text has to be there to be planted. */
function planted(text: string, plants: readonly Plant[], faults: (text: string) => readonly string[]): void {
  for (const [was, becomes, found] of plants) {
    const changed = text.replace(was, becomes);
    assert.notEqual(changed, text, `nothing to plant: ${was}`);
    assert.match(faults(changed).join('\n'), found, `${was} → ${becomes}`);
  }
}

/** Each in one file of several that are looked at together. */
const plantIn =
  (files: Readonly<Record<string, string>>, faultsOf: typeof unitFaults) =>
  (name: string, plants: readonly Plant[]): void =>
    planted(files[name] as string, plants, (changed) => faultsOf({ ...files, [name]: changed }, truths));

test('the Dockerfile is right, and each fault that is planted in it is found', () => {
  const text = read('Dockerfile');
  assert.deepEqual(dockerfileFaults(text, truths), []);
  planted(text, [
    ['USER 10001:10001', 'USER root', /runs as root/],
    ['USER 10001:10001\n', '', /runs as root/],
    ['ARG NODE=24-bookworm-slim', 'ARG NODE=latest', /its base is Node latest/],
    ['FROM node:${NODE} AS packages', 'FROM node:22 AS packages', /stage packages begins with node:22/],
    ['npm ci --omit=dev', 'npm ci', /packages for development/],
    ['RUN npm ci --ignore-scripts', 'RUN npm install', /npm ci alone/],
    ['COPY server server', 'COPY . .', /everything that lies about/],
    ['COPY server server', 'COPY servers server', /servers is not there/],
    ['CMD ["node", "server/main.ts", "health"]', 'CMD ["node", "server/main.ts", "wellness"]', /no command wellness/],
    [/HEALTHCHECK .*/, '', /nothing asks whether it is well/],
    ['CMD ["serve"]', 'CMD serve', /through a shell/],
    ['ENV NODE_ENV=production', 'ENV NODE_ENV=production STRONGROOM_PROT=1', /STRONGROOM_PROT is not a setting/],
    ['STRONGROOM_DRAIN_SECONDS=10', 'STRONGROOM_DRAIN_SECONDS=1000', /should be a whole number/],
    ['STRONGROOM_HOST=0.0.0.0', 'STRONGROOM_ROOT_PASSPHRASE=otters', /secret, in clear/],
    ['EXPOSE 7700', 'EXPOSE 80', /port that it opens/],
    ['WORKDIR /opt/strongroom', 'WORKDIRR /opt/strongroom', /Unknown instruction/i],
  ], (changed) => dockerfileFaults(changed, truths)); // prettier-ignore
  const ignore = read('Dockerfile.dockerignore');
  assert.deepEqual(ignoreFaults(ignore, text), []);
  planted(ignore, [['*\n', '', /what is not named goes along/], ['!practices\n', '', /practices is kept back/], ['!tsconfig.json\n', '', /tsconfig.json is kept back/]], (changed) => ignoreFaults(changed, text)); // prettier-ignore
});

test('the Compose file and its balancer are right, and each fault that is planted in them is found', () => {
  const [text, balancer] = [read('compose/compose.yaml'), read('compose/haproxy.cfg')];
  assert.deepEqual(composeFaults(text, balancer, truths), []);
  planted(text, [
    ['  read_only: true\n', '', /server-1 may write/],
    ['  cap_drop: [ALL]\n', '', /keeps capabilities/],
    ["security_opt: ['no-new-privileges:true']", 'privileged: true', /shares what is the machine/],
    ["user: '10001:10001'", "user: '0:0'", /runs as root/],
    ['haproxy:3.2-alpine', 'haproxy:latest', /of any version/],
    ['image: strongroom:0.1.0', 'image: strongroom:0.0.9', /not of this version/],
    ['POSTGRES_PASSWORD_FILE: /run/secrets/database-owner-password', 'POSTGRES_PASSWORD: postgres', /secret stands in clear/],
    ['DATABASE_URL_FILE: /run/secrets/database-url', 'DATABASE_URL: postgres://strongroom:otters@database/strongroom', /secret, in clear/],
    ['STRONGROOM_TLS_CERT:', 'STRONGROOM_TSL_CERT:', /TSL_CERT is not a setting/],
    ['stop_grace_period: 60s', 'stop_grace_period: 10s', /killed after 10 s/],
    ['max_connections=100', 'max_connections=40', /may want 80 connections, the database has 40/],
    ['    - server-key\n', '', /STRONGROOM_TLS_KEY is at/],
    ['  database: { internal: true }', '  database: {}', /network database goes outside/],
    ["    networks: [database]\n    volumes: ['database:", "    networks: [database]\n    ports: ['5432:5432']\n    volumes: ['database:", /past the balancer/],
    ['command: [root, make]', 'command: [roots, make]', /no command roots/],
    ['restart: unless-stopped', 'restarts: unless-stopped', /must NOT have additional properties/],
    ['STRONGROOM_TRUSTED_PROXIES: 172.30.77.2', 'STRONGROOM_TRUSTED_PROXIES: 172.30.77.0/24', /does not trust the balancer alone/],
    ['ipv4_address: 172.30.77.2', 'ipv4_address: 172.30.77.3', /does not trust the balancer alone/],
    ['networks: [servers, database, away]', 'networks: [servers, database, away, outside]', /meet in servers and outside, and should in one/],
    ['networks: [servers, database, away]', 'networks: [database, away]', /meet in no network/],
    ['networks: [servers, database, away]', 'networks: [servers, database]', /has no way out/],
    ['condition: service_healthy } }\n  secrets', 'condition: service_well } }\n  secrets', /must be equal to one of/],
  ], (changed) => composeFaults(changed, balancer, truths)); // prettier-ignore
  planted(balancer, [
    ['/health/ready', '/ready', /which no route answers/],
    ['server two server-2:7700', '', /the servers are/],
    ['inter 3s fall 1', 'inter 5s fall 3', /seen after 15 s/],
    ['verify required', 'verify none', /whatever certificate/],
    ['http-request del-header X-Forwarded-For', '', /who asks says from where/],
    ['retry-on conn-failure', 'retry-on all-retryable-errors', /happen twice/],
  ], (changed) => composeFaults(text, changed, truths)); // prettier-ignore
});

test('what deploy.md installs for systemd is what was committed, belongs to root, and runs no script of a package', () => {
  const text = readFileSync('docs/deploy.md', 'utf8');
  assert.deepEqual(installFaults(text), []);
  planted(text, [
    ['git archive HEAD | tar', 'cp --archive . /opt/strongroom; tar', /what lies about/],
    [' --no-same-owner', '', /its files belong/],
    ['npm ci --ignore-scripts', 'npm ci', /scripts of packages/],
    ['--omit=dev --ignore-scripts', '--omit=dev', /scripts of packages/],
    [' && node tools/build-web.ts', '', /no pages/],
    [',go-w', '', /others can write/],
    ['--mode=0700 /etc/strongroom/secrets', '/etc/strongroom/secrets', /look into the secrets/],
  ], installFaults); // prettier-ignore
});

test('the units are right and alike, and each fault that is planted in them is found', () => {
  const units = folder('systemd');
  assert.deepEqual(unitFaults(units, truths), []);
  const plantedIn = plantIn(units, unitFaults);
  plantedIn('strongroom.service', [
    ['NoNewPrivileges=yes\n', '', /NoNewPrivileges= is not set/],
    ['ProtectProc=invisible', 'ProtectProc=default', /is not as in/],
    ['User=strongroom\n', '', /runs as root/],
    ['TimeoutStopSec=60', 'TimeoutStopSec=20', /killed after 20 s/],
    ['server/main.ts serve', 'server/main.ts run', /no command run/],
    [' --while ${MAINPID}', '', /a server that died is waited for/],
    ['Environment=DATABASE_URL_FILE=%d/database-url', 'Environment=DATABASE_URL_FILE=%d/database', /and database,/],
    ['DATABASE_URL_FILE=%d/database-url', 'DATABASE_URL=postgres://a:b@c/d', /secret, in clear/],
    ['STRONGROOM_ASSURANCE_RUNNER=/run/', 'STRONGROOM_ASSURANCE_RUNNER=/var/run/', /listens elsewhere/],
    ['STRONGROOM_HOME=/var/lib/strongroom/home', 'STRONGROOM_HOME=/opt/strongroom', /nowhere that it may write/],
  ]);
  plantedIn('strongroom-runner@.service', [
    ['User=strongroom-runner', 'User=strongroom', /the account of the server/],
    ['StandardInput=socket', 'EnvironmentFile=/etc/strongroom/strongroom.env', /given what is the server/],
    ['-/etc/strongroom ', '', /look where keys lie/],
  ]);
  plantedIn('strongroom-runner.socket', [['SocketMode=0660', 'SocketMode=0666', /others can ask/], ['Accept=yes', 'Accept=no', /share a process/]]); // prettier-ignore
});

test('systemd itself finds the units well formed, and little that they could still do', async (t) => {
  if ((await run('systemd-analyze', ['--version'])).code !== 0) return t.skip('systemd is not here');
  const files = globSync('deploy/systemd/*.service');
  assert.equal(files.length, 3);
  for (const file of files) {
    const { code, stdout, stderr } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=15', '--no-pager', file]);
    assert.equal(code, 0, `${stdout}${stderr}`);
    t.diagnostic(/Overall exposure level for .*/.exec(stdout)?.[0] ?? '');
  }
  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...files, 'deploy/systemd/strongroom-runner.socket']);
  // where the programs are is the machine's
  const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('strongroom') && !/not executable|No such file/.test(line));
  assert.deepEqual(said, []);
  // it can be red: a word that no systemd knows
  const work = mkdtempSync(join(tmpdir(), 'sr-units-'));
  t.after(() => rmSync(work, { recursive: true, force: true }));
  writeFileSync(join(work, 'strongroom.service'), read('systemd/strongroom.service').replace('ProtectHome=yes', 'ProtectHomes=yes').replace('SystemCallFilter=~', 'SystemCallFilter='));
  assert.match((await run('systemd-analyze', ['verify', '--man=no', join(work, 'strongroom.service')])).stderr, /Unknown key (?:name )?'ProtectHomes'/);
  assert.notEqual((await run('systemd-analyze', ['security', '--offline=true', '--threshold=15', join(work, 'strongroom.service')])).code, 0);
}); // prettier-ignore

test('the manifests are right, and each fault that is planted in them is found', () => {
  const files = folder('kubernetes');
  assert.deepEqual(manifestFaults(files, truths), []);
  const plantedIn = plantIn(files, manifestFaults);
  plantedIn('deployment.yaml', [
    ['runAsNonRoot: true', 'runAsNonRoot: false', /not "restricted"/],
    ['allowPrivilegeEscalation: false', 'allowPrivilegeEscalation: true', /not "restricted"/],
    ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false', /not "restricted"/],
    ['drop: [ALL]', 'drop: [NET_RAW]', /not "restricted"/],
    ['replicas: 2', 'replicas: two', /replicas/],
    ['name: strongroom-settings', 'name: strongroom-setings', /strongroom-setings are nowhere/],
    ['maxUnavailable: 0', 'maxUnavailable: 1', /takes the only server away/],
    ['terminationGracePeriodSeconds: 60', 'terminationGracePeriodSeconds: 30', /killed after 30 s/],
    ['livenessProbe:\n            httpGet: { path: /health/live', 'livenessProbe:\n            httpGet: { path: /healthz', /livenessProbe asks \/healthz/],
    ['readinessProbe:\n            httpGet: { path: /health/ready, port: https, scheme: HTTPS }\n            periodSeconds: 3', 'readinessProbe:\n            httpGet: { path: /health/ready, port: https, scheme: HTTPS }\n            periodSeconds: 30', /seen after 30 s/],
    ['port: https, scheme: HTTPS', 'port: http, scheme: HTTPS', /nothing answers/],
    ['/run/secrets/strongroom/database-url', '/run/secrets/strongroom/database', /is in no secret/],
    ['name: DATABASE_URL_FILE, value: /run/secrets/strongroom/database-url', 'name: DATABASE_URL, value: "postgres://a:b@c/d"', /secret, in clear/],
    ['mountPath: /tmp', 'mountpath: /tmp', /mountpath|mountPath/],
    ['- name: temporary\n          emptyDir', '- name: temporal\n          emptyDir', /temporary is mounted, and is nowhere/],
    ['      automountServiceAccountToken: false\n', '', /token of the cluster/],
    ['STRONGROOM_METRICS', 'STRONGROOM_METRIC', /STRONGROOM_METRIC is not a setting/],
  ]); // prettier-ignore
  plantedIn('service.yaml', [['targetPort: https', 'targetPort: web', /no port of the server/], ['name: strongroom }', 'name: other }', /sends to others/]]); // prettier-ignore
  plantedIn('disruption-budget.yaml', [['name: strongroom }', 'name: others }', /taken away at once/]]);
  plantedIn('network-policy.yaml', [
    ['10.0.0.0/8, ', '', /reaches what is inside/],
    ['podSelector: {}', 'podSelector: { matchLabels: { a: b } }', /what is not named is allowed/],
    ['port: 7700', 'port: 8080', /8080 is no port/],
    [/- from:\n.*\n.*\n\s+ports: \[\{ port: 9464/, '- ports: [{ port: 9464', /reads the numbers/],
    ['- to: [{ ipBlock: { cidr: 10.0.0.0/8 } }]\n      ports', '- ports', /go anywhere/],
  ]);
  plantedIn('namespace.yaml', [['enforce: restricted', 'enforce: baseline', /refuses nothing/]]);
  plantedIn('kustomization.yaml', [
    ['newTag: 0.1.0', 'newTag: 0.0.1', /not of this version/],
    ['  - service.yaml\n', '', /but not both/],
    ['      - secrets/root-b.json\n', '', /root-b.json is read, and is in no secret/],
  ]);
  plantedIn('settings/strongroom.env', [['DRAIN_SECONDS=10', 'DRAIN_SECONDS=2', /takes requests for 2 s/], ['STRONGROOM_DATABASE_', 'STRONGROOM_DB_', /is not a setting/]]); // prettier-ignore
});

test('kubectl renders the manifests, where it is installed', async (t) => {
  if ((await run('kubectl', ['version', '--client'])).code !== 0) return t.skip('kubectl is not here');
  const work = mkdtempSync(join(tmpdir(), 'sr-kustomize-'));
  t.after(() => rmSync(work, { recursive: true, force: true }));
  cpSync('deploy/kubernetes', work, { recursive: true });
  for (const [, file] of read('kubernetes/kustomization.yaml').matchAll(/(secrets\/[\w.-]+)/g)) {
    mkdirSync(join(work, dirname(file as string)), { recursive: true });
    writeFileSync(join(work, file as string), basename(file as string));
  }
  const { code, stdout, stderr } = await run('kubectl', ['kustomize', work]);
  assert.equal(code, 0, stderr);
  // generated names have reached those who use them
  const name = /name: (strongroom-secrets-\w+)/.exec(stdout)?.[1] ?? 'none';
  assert.ok(stdout.includes(`secretName: ${name}`) && stdout.includes('image: strongroom:0.1.0'), stdout);
});
