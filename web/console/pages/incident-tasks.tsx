/** The playbook of an incident: what is to be done by whom by when, how, and who did it. */
import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { Incident } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';

import { Empty } from '../../ui/states.tsx';
import { useNames } from '../names.ts';
import { When } from '../when.tsx';
import { Faster } from './incident-form.tsx';
import { kindOf, phaseOf } from './incident-parts.tsx';
import type { Work } from './incident.tsx';

type Task = Incident['tasks'][number];

export function Tasks({ incident, may, write }: Work) {
  const { tasks, kind, phase } = incident;
  const done = tasks.filter(({ doneAt }) => doneAt !== null).length;
  return (
    <Card withBorder padding="sm" component="section" aria-label="what is to be done">
      <Title order={2} size="h4">
        What is to be done
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {tasks.length === 0 ? '' : `${done} of ${tasks.length} done. `}The playbook for “{kindOf(kind)}”.
      </Text>
      {tasks.length === 0 && <Empty title="No task">Say under “Say what it is” which kind it is: each has its own tasks.</Empty>}
      <Stack gap="sm" role="list">
        {tasks.map((task) => (
          <One key={task.id} task={task} may={may && phase !== 'closed'} write={write} />
        ))}
      </Stack>
    </Card>
  );
} // prettier-ignore

function One({ task, may, write }: { task: Task } & Pick<Work, 'may' | 'write'>) {
  const nameOf = useNames();
  const finish = useMutation({ mutationFn: () => write({ kind: 'task', task: task.id }) });
  return (
    <div role="listitem">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text size="sm" fw={600}>
            {task.doneAt === null ? '' : '✓ '}
            {task.says}
          </Text>
          <Text size="sm">{task.how}</Text>
          <Group gap={6} mt={4}>
            <Badge size="sm" variant="default">
              {phaseOf(task.phase)}
            </Badge>
            <Badge size="sm" variant="default">
              {task.owner}
            </Badge>
            {task.doneAt === null ? (
              <Text size="xs" {...(task.late ? { c: 'red', fw: 600 } : { c: 'dimmed' })}>
                {task.late ? 'overdue since ' : 'by '}
                <When at={task.dueAt} />
              </Text>
            ) : (
              <Text size="xs" c="dimmed" className="wrap">
                done <When at={task.doneAt} /> by {nameOf(task.doneBy ?? '')}
                {task.late && ', late'}
              </Text>
            )}
          </Group>
        </div>
        {may && task.doneAt === null && (
          <Button size="compact-sm" variant="light" aria-label={`Done: ${task.says}`} loading={finish.isPending} onClick={() => finish.mutate()} style={{ flexShrink: 0 }}>
            Done
          </Button>
        )}
      </Group>
      {finish.isError && <Faster error={finish.error} again={() => finish.mutate()} onLook={() => finish.reset()} />}
    </div>
  );
} // prettier-ignore
