/**
 * deploy/kubernetes/: each object by Kubernetes' own schema, the rules of the Pod Security Standard "restricted", and what hangs
 * together: ports, probes, labels, volumes, secrets. Source: kubernetes.io/docs/concepts/security/pod-security-standards
 */
import * as apps from 'kubernetes-models/apps/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { parseAllDocuments, parse } from 'yaml';

import { noticeFaults, secretFaults, settingFaults, stopFaults, type Fault, type Truths } from './truths.ts';

type Named = Readonly<{ apiVersion: string; kind: string; metadata: { name: string }; spec?: unknown }>;
type Probe = Readonly<{
  httpGet?: { path: string; port: string; scheme?: string };
  periodSeconds?: number;
  failureThreshold?: number;
  timeoutSeconds?: number;
}>;
type Container = Readonly<{
  name: string;
  image: string;
  ports: readonly { name: string; containerPort: number }[];
  env: readonly { name: string; value?: string }[];
  envFrom?: readonly { configMapRef?: { name: string } }[];
  securityContext?: Readonly<Record<string, unknown>>;
  resources?: { limits?: Readonly<Record<string, string>> };
  volumeMounts: readonly { name: string; mountPath: string; readOnly?: boolean }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
}>;
type Pod = Readonly<{
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: Readonly<Record<string, unknown>>;
  containers: readonly Container[];
  volumes: readonly Readonly<{ name: string; secret?: { secretName: string }; emptyDir?: unknown; hostPath?: unknown }>[];
  [more: string]: unknown;
}>; // prettier-ignore
type Kustomization = Readonly<{
  resources: readonly string[];
  images: readonly { name: string; newTag?: string }[];
  secretGenerator: readonly { name: string; files: readonly string[] }[];
  configMapGenerator: readonly { name: string; envs: readonly string[] }[];
}>;

type Model = new (from: never) => { validate: () => void };
const MODELS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { v1: core, 'apps/v1': apps, 'policy/v1': policy, 'networking.k8s.io/v1': networking }; // prettier-ignore

export function schemaFaults(file: string, object: Named): Fault[] {
  const kind = MODELS[object.apiVersion]?.[object.kind] as Model | undefined;
  if (kind === undefined) return [`${file}: ${object.apiVersion} ${object.kind} is not looked at`];
  try {
    new kind(object as never).validate();
    return [];
  } catch (thrown) {
    return [`${file}: ${object.kind}: ${(thrown as Error).message}`];
  }
}

/** @param files the folder, by name */
export function manifestFaults(files: Readonly<Record<string, string>>, truths: Truths): Fault[] {
  const kustomization = parse(files['kustomization.yaml'] ?? '') as Kustomization;
  const manifests = Object.keys(files).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  const faults = [...manifests, ...kustomization.resources].flatMap((name) => (manifests.includes(name) && kustomization.resources.includes(name) ? [] : [`kustomization.yaml: ${name} is a file, or is named, but not both`]));
  const objects = manifests.flatMap((name) => parseAllDocuments(files[name] as string).map((each) => ({ name, object: each.toJS() as Named })));
  for (const { name, object } of objects) faults.push(...schemaFaults(name, object));
  const specs = <T>(kind: string): T[] => objects.flatMap(({ object }) => (object.kind === kind ? [object.spec as T] : []));

  const settings = Object.fromEntries((files['settings/strongroom.env'] ?? '').split('\n').flatMap((line) => (line === '' ? [] : [[line.split('=')[0] as string, line.slice(line.indexOf('=') + 1)]])));
  const [deployment] = specs<{ replicas: number; strategy: { rollingUpdate?: { maxUnavailable?: number } }; selector: { matchLabels: object }; template: { metadata: { labels: object }; spec: Pod } }>('Deployment');
  if (deployment === undefined) return [...faults, 'deployment.yaml: there is no server'];
  const labels = JSON.stringify(deployment.template.metadata.labels);
  const no = (wrong: boolean, says: string): void => void (wrong && faults.push(says));
  no(JSON.stringify(deployment.selector.matchLabels) !== labels, 'deployment.yaml: it selects others than it makes');
  no(deployment.replicas < 2 || deployment.strategy.rollingUpdate?.maxUnavailable !== 0, 'deployment.yaml: an upgrade takes the only server away');
  faults.push(...podFaults(deployment.template.spec, settings, kustomization, truths));
  const [container] = deployment.template.spec.containers;
  for (const service of specs<{ selector: object; ports: readonly { targetPort: string }[] }>('Service')) {
    no(JSON.stringify(service.selector) !== labels, 'service.yaml: it sends to others');
    for (const { targetPort } of service.ports) no(!container?.ports.some(({ name }) => name === targetPort), `service.yaml: ${targetPort} is no port of the server`);
    no(service.ports.some(({ targetPort }) => targetPort === 'metrics'), 'service.yaml: numbers are shown to everybody');
  }
  no(!specs<{ selector: { matchLabels: object } }>('PodDisruptionBudget').some(({ selector }) => JSON.stringify(selector.matchLabels) === labels), 'disruption-budget.yaml: all servers may be taken away at once');
  type Rule = Readonly<{ ports?: readonly { port: number }[]; from?: unknown; to?: unknown }>;
  const rules = specs<{ podSelector: object; policyTypes: readonly string[]; ingress?: readonly Rule[]; egress?: readonly Rule[] }>('NetworkPolicy');
  no(!rules.some((each) => JSON.stringify(each.podSelector) === '{}' && each.policyTypes.length === 2 && each.ingress === undefined && each.egress === undefined), 'network-policy.yaml: what is not named is allowed');
  const open = rules.flatMap(({ ingress = [] }) => ingress).flatMap(({ ports = [], from }) => ports.map(({ port }) => ({ port, from })));
  for (const { port, from } of open) {
    no(!container?.ports.some(({ containerPort }) => containerPort === port), `network-policy.yaml: ${port} is no port of the server`);
    no(container?.ports.some(({ name, containerPort }) => name === 'metrics' && containerPort === port) === true && from === undefined, 'network-policy.yaml: everybody reads the numbers');
  }
  no(rules.flatMap(({ egress = [] }) => egress).some(({ ports, to }) => ports === undefined || to === undefined), 'network-policy.yaml: it may go anywhere');
  const insides = rules.flatMap(({ egress = [] }) => egress).filter(({ ports = [] }) => ports.some(({ port }) => port === 443)).flatMap(({ to }) => to as { ipBlock?: { cidr: string; except?: string[] } }[]);
  no(insides.some(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0' && ['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].some((inside) => ipBlock.except?.includes(inside) !== true)), 'network-policy.yaml: it reaches what is inside');
  const [namespace] = objects.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => object.metadata as { labels?: Record<string, string> });
  no(namespace?.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted', 'namespace.yaml: the cluster refuses nothing');
  return faults;
} // prettier-ignore

function podFaults(pod: Pod, settings: Readonly<Record<string, string>>, kustomization: Kustomization, truths: Truths): Fault[] {
  const faults: Fault[] = [];
  const no = (wrong: boolean, says: string): void => void (wrong && faults.push(`deployment.yaml: ${says}`));
  no(pod.automountServiceAccountToken !== false, 'it gets a token of the cluster');
  no(pod.securityContext?.['runAsNonRoot'] !== true || JSON.stringify(pod.securityContext['seccompProfile']) !== '{"type":"RuntimeDefault"}', 'it is not "restricted": root, or any system call');
  no(['hostNetwork', 'hostPID', 'hostIPC'].some((name) => pod[name] === true) || pod.volumes.some(({ hostPath }) => hostPath !== undefined), 'it shares what is the node’s');
  const drainSeconds = Number(settings['STRONGROOM_DRAIN_SECONDS'] ?? 10);
  faults.push(...stopFaults('deployment.yaml', pod.terminationGracePeriodSeconds ?? 30, drainSeconds));
  for (const container of pod.containers) {
    const limits = container.securityContext ?? {};
    no(limits['allowPrivilegeEscalation'] !== false || JSON.stringify(limits['capabilities']) !== '{"drop":["ALL"]}' || limits['readOnlyRootFilesystem'] !== true, `${container.name} is not "restricted": privileges, capabilities or files`);
    no(container.resources?.limits?.['memory'] === undefined, `${container.name} may take all memory`);
    no(kustomization.images.find(({ name }) => name === container.image)?.newTag !== truths.version, `${container.image} is not of this version, ${truths.version}`);
    no((container.envFrom ?? []).length === 0, `${container.name} gets no settings`);
    for (const { configMapRef } of container.envFrom ?? [])
      no(!kustomization.configMapGenerator.some(({ name }) => name === configMapRef?.name), `settings ${configMapRef?.name ?? ''} are nowhere`);
    for (const [kind, path] of [['startupProbe', '/health/ready'], ['livenessProbe', '/health/live'], ['readinessProbe', '/health/ready']] as const) {
      const probe = container[kind];
      const get = probe?.httpGet;
      no(get?.path !== path || !truths.routes.has(path), `${kind} asks ${get?.path ?? 'nothing'}, which should be ${path}`);
      no(get?.scheme !== 'HTTPS' || !container.ports.some(({ name }) => name === get.port), `${kind} asks where nothing answers`);
      if (kind === 'readinessProbe') faults.push(...noticeFaults('deployment.yaml', probe?.periodSeconds ?? 10, probe?.failureThreshold ?? 3, drainSeconds));
    }
    const environment = Object.fromEntries(container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value.replace('$(POD_ADDRESS)', '10.0.0.1')]])));
    faults.push(...settingFaults('deployment.yaml', environment), ...secretFaults('deployment.yaml', environment), ...settingFaults('settings/strongroom.env', settings), ...secretFaults('settings/strongroom.env', settings));
    for (const { name } of container.volumeMounts) no(!pod.volumes.some((volume) => volume.name === name), `${name} is mounted, and is nowhere`);
    for (const value of Object.values(environment).map((each) => each.replace(/^file:/, '')).filter((each) => each.startsWith('/run/secrets/'))) {
      const mount = container.volumeMounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`));
      const secret = pod.volumes.find(({ name }) => name === mount?.name)?.secret?.secretName;
      const files = kustomization.secretGenerator.find(({ name }) => name === secret)?.files.map((file) => (file.includes('=') ? file.split('=')[0] : file.split('/').at(-1)));
      no(files?.includes(value.slice((mount?.mountPath.length ?? 0) + 1)) !== true, `${value} is read, and is in no secret`);
    }
  }
  return faults;
} // prettier-ignore
