/** deploy/Dockerfile: what the language's own validator says, and what an image of ours has to keep. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DockerfileParser, type Copy, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';

import { commandFaults, secretFaults, settingFaults, type Fault, type Truths } from './truths.ts';

type Stage = Readonly<{ name: string; image: string; said: readonly Instruction[] }>;

export function stagesOf(text: string): Stage[] {
  const stages: { name: string; image: string; said: Instruction[] }[] = [];
  for (const each of DockerfileParser.parse(text).getInstructions()) {
    const words = each.getArguments().map((argument) => argument.getValue());
    if (each.getKeyword() === 'FROM') stages.push({ name: words[2] ?? '', image: words[0] ?? '', said: [] });
    else stages.at(-1)?.said.push(each);
  }
  return stages;
}

const rest = (each: Instruction): string => each.getRawArgumentsContent() ?? '';
const named = ({ said }: Stage, keyword: string): Instruction[] => said.filter((each) => each.getKeyword() === keyword);

/** Paths of the sources that the last stage takes from the builder's folder. */
export const takenIn = (stage: Stage): string[] =>
  named(stage, 'COPY').flatMap((each) => ((each as Copy).getFromFlag() === null ? each.getArguments().slice(0, -1).map((argument) => argument.getValue()) : [])); // prettier-ignore

export function dockerfileFaults(text: string, truths: Truths): Fault[] {
  const faults = validate(text).map(({ message, range }) => `Dockerfile:${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`);
  const stages = stagesOf(text);
  const last = stages.at(-1);
  if (last === undefined) return [...faults, 'Dockerfile: it builds nothing'];
  const no = (wrong: boolean, says: string): void => void (wrong && faults.push(`Dockerfile: ${says}`));

  const base = /^ARG NODE=(\S+)$/m.exec(text)?.[1] ?? '';
  const { engines } = JSON.parse(readFileSync(join(truths.root, 'package.json'), 'utf8')) as { engines: { node: string } };
  no(!base.startsWith(`${/\d+/.exec(engines.node)?.[0] ?? ''}-`), `its base is Node ${base || 'of any version'}, package.json wants ${engines.node}`);
  for (const { image, name } of stages) no(image !== 'node:${NODE}', `stage ${name} begins with ${image}`);
  no(stages.length < 2, 'what builds is in the image');
  no(/\bnpm (?!ci\b)[a-z]/.test(text.replaceAll(/^#.*$/gm, '')), 'packages come by npm ci alone: nothing else keeps to the lock file');
  const from = named(last, 'COPY').find((each) => rest(each).includes('node_modules')) as Copy | undefined;
  const packages = stages.find(({ name }) => name === from?.getFromFlag()?.getValue());
  no(!named(packages ?? last, 'RUN').some((each) => /npm ci .*--omit=dev/.test(rest(each))), 'packages for development are in the image');
  no(stages.some((stage) => named(stage, 'ADD').length > 0), 'ADD fetches and unpacks: COPY says what it takes');
  no(/curl|wget/.test(text), 'something is fetched that no lock file knows');
  no(takenIn(last).includes('.'), 'everything that lies about is in the image');
  for (const stage of stages)
    for (const path of takenIn(stage)) no(!existsSync(join(truths.root, path)), `${path} is not there`);

  const user = named(last, 'USER').map(rest).at(-1) ?? 'root';
  no(!/^[1-9]\d{3,}:[1-9]\d{3,}$/.test(user), `it runs as ${user}: a number, and never root`);
  for (const keyword of ['ENTRYPOINT', 'CMD']) no(!named(last, keyword).every((each) => rest(each).startsWith('[')), `${keyword} goes through a shell, which takes the signal to stop for itself`);
  const words = [...named(last, 'ENTRYPOINT'), ...named(last, 'CMD')].flatMap((each) => (rest(each).startsWith('[') ? (JSON.parse(rest(each)) as string[]) : []));
  faults.push(...commandFaults('Dockerfile', words, truths));
  const health = rest(named(last, 'HEALTHCHECK')[0] ?? ({ getRawArgumentsContent: () => '' } as Instruction));
  const asks = /CMD (\[.*\])$/.exec(health)?.[1];
  if (asks === undefined) no(true, 'nothing asks whether it is well');
  else faults.push(...commandFaults('Dockerfile: HEALTHCHECK', JSON.parse(asks) as string[], truths));

  const environment = Object.fromEntries(named(last, 'ENV').flatMap((each) => rest(each).split(/[\s\\]+/).map((pair) => pair.split('=') as [string, string])));
  faults.push(...settingFaults('Dockerfile', environment), ...secretFaults('Dockerfile', environment));
  for (const stage of stages) for (const each of named(stage, 'ARG')) no(/pass|secret|token|key/i.test(rest(each)), `a secret as an argument stays in the image: ${rest(each)}`);
  no(named(last, 'EXPOSE').map(rest).join() !== environment['STRONGROOM_PORT'], 'the port that it opens is not the one it says');
  return faults;
} // prettier-ignore

/** What goes to the builder: what is named, of everything else nothing. */
export function ignoreFaults(text: string, dockerfile: string): Fault[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const allowed = new Set(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)));
  // what builds the pages is taken as a whole, and reads these
  const wanted = new Set([...stagesOf(dockerfile).flatMap(takenIn).filter((path) => path !== '.'), 'tools', 'web', 'tsconfig.json']);
  return [
    ...(lines[0] === '*' ? [] : ['Dockerfile.dockerignore: what is not named goes along']),
    ...[...wanted].flatMap((path) => (allowed.has(path) || [...allowed].some((each) => path.startsWith(`${each}/`)) ? [] : [`Dockerfile.dockerignore: ${path} is kept back`])),
  ];
} // prettier-ignore
