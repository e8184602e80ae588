/**
 * A course made elsewhere, in a frame of another origin: it has nothing of the console but this page's messages, and what
 * it says of itself goes to the server as what it is.
 *
 * INVARIANT: nothing is taken from a window or an origin other than the frame's, and of what comes only what is known here.
 */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { BegunRun, Course, RunToTell, ToldRun } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { CourseParts } from './course-parts.tsx';
import { Onward } from '../training-due.tsx';

const MESSAGES = 'strongroom.course';
const STATUSES = ['passed', 'completed', 'failed', 'incomplete'] as const;
const MOST_SAVED = 131_072;
type Said = Readonly<{ says: 'ready' } | { says: 'told'; told: RunToTell }>;

/** @returns null for what is no message of a course */
export function readSaid(message: unknown): Said | null {
  if (typeof message !== 'object' || message === null) return null;
  const { of, says, status, score, saved, finished } = message as Readonly<Record<string, unknown>>;
  if (of !== MESSAGES) return null;
  if (says === 'ready') return { says };
  const known = STATUSES.find((each) => each === status);
  if (says !== 'told' || known === undefined) return null;
  const points = typeof score === 'number' && Number.isFinite(score) ? Math.min(1000, Math.max(-1000, score)) : null;
  const kept = typeof saved === 'string' && saved.length <= MOST_SAVED ? saved : null;
  // that it was not passed may still change until it has ended: it may let one try again
  const told = known === 'failed' && finished !== true ? 'incomplete' : known;
  return { says, told: { status: told, score: points, saved: kept } };
}

export function CourseElsewhere({ course: { id, title } }: { course: Pick<Course, 'id' | 'title'> }) {
  const [ended, setEnded] = useState<ToldRun['state'] | null>(null);
  const begin = useMutation({ mutationFn: () => room.packages.begin(id), onMutate: () => setEnded(null) });
  return (
    <Stack>
      <Text size="sm">
        This course was made elsewhere. It is shown in a frame of its own, and says by itself whether you have passed.
      </Text>
      {ended === 'passed' && (
        <>
          <Alert color="green" role="status" title="Passed">
            The course says that you have passed.
          </Alert>
          <Onward done={{ kind: 'course', id }} />
        </>
      )}
      {ended === 'failed' && (
        <Alert color="orange" role="status" title="Not passed">
          The course says that you have not passed. You can begin again.
        </Alert>
      )}
      {begin.data !== undefined && ended === null ? (
        <Begun run={begin.data} title={title} onEnd={setEnded} />
      ) : (
        ended !== 'passed' && (
          <Group>
            <Button loading={begin.isPending} onClick={() => begin.mutate()}>
              {ended === null ? 'Begin' : 'Begin again'}
            </Button>
          </Group>
        )
      )}
      {begin.isError && <Problem error={begin.error} />}
    </Stack>
  );
}

type BegunProps = { run: BegunRun; title: string; onEnd: (state: ToldRun['state']) => void };

function Begun({ run, title, onEnd }: BegunProps) {
  const passed = useCallback(() => onEnd('passed'), [onEnd]);
  const { url } = run;
  return url === null ? (
    <CourseParts key={run.id} run={run} title={title} onPassed={passed} />
  ) : (
    <Frame key={url} run={{ ...run, url }} title={title} onEnd={onEnd} />
  );
}

function Frame({ run, title, onEnd }: BegunProps & { run: { url: string } }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const queries = useQueryClient();
  const [fault, setFault] = useState<unknown>(null);
  const again = useRef<() => void>(() => {});
  useEffect(() => {
    const { origin } = new URL(run.url);
    // one after the other, and of those that wait the newest: a course that says much says it here alone
    let waiting: RunToTell | null = null;
    let busy = false;
    let over = false;
    const send = async (): Promise<void> => {
      busy = true;
      while (waiting !== null && !over) {
        const told: RunToTell = waiting;
        waiting = null;
        try {
          const { state } = await room.packages.tell(run.id, told);
          setFault(null);
          over = state !== 'open';
          if (over) {
            onEnd(state);
            // what one may do follows at once
            await queries.invalidateQueries({ predicate: ({ queryKey: [first] }) => first !== 'course' });
          }
        } catch (thrown) {
          // a course says it once: it is kept for another try, unless something newer was said
          waiting ??= told;
          setFault(thrown);
          break;
        }
      }
      busy = false;
    };
    again.current = () => {
      if (!busy) send().catch(setFault);
    };
    const listen = ({ origin: from, source, data }: MessageEvent): void => {
      const window_ = frame.current?.contentWindow ?? null;
      if (from !== origin || window_ === null || source !== window_) return;
      const said = readSaid(data);
      if (said?.says === 'ready') window_.postMessage({ of: MESSAGES, says: 'start', saved: run.saved }, origin);
      else if (said !== null && said.says === 'told' && !over) {
        waiting = said.told;
        again.current();
      }
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [run, onEnd, queries]);
  return (
    <>
      <iframe
        ref={frame}
        src={run.url}
        title={title}
        className="course-frame"
        sandbox="allow-scripts allow-same-origin allow-forms"
        referrerPolicy="no-referrer"
        allow=""
      />
      {fault !== null && (
        <>
          <Problem error={fault} />
          <Group>
            <Button onClick={() => again.current()}>Say the result again</Button>
          </Group>
        </>
      )}
    </>
  );
}
