/** What would be left if the machine were lost now, what was measured, and what is not in order. */
import {
  Alert,
  Button,
  Card,
  Code,
  Group,
  List,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { BackupStanding } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { Course, span, TimeLine } from './backups-plots.tsx';
import { Drills, Recipients, Runs, Stores } from './backups-tables.tsx';
import { Refused } from './step-up.tsx';

const DAYS = ['7', '30', '90', '365'] as const;

export function BackupsPage() {
  const status = useQuery({
    queryKey: ['backups', 'status'],
    queryFn: () => room.backups.status(),
    refetchInterval: 10_000,
  });
  if (status.isPending) return <Fetching what="backups" />;
  if (status.isError) return <Problem error={status.error} />;
  const begun = status.data.recipients.some(({ kind }) => kind === 'offline');
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Title order={1} size="h2">
            Backups
          </Title>
          <Text size="sm" c="dimmed">
            What would be left if the machine were lost now
          </Text>
        </div>
        {begun && <Actions />}
      </Group>
      {begun ? <Begun found={status.data} /> : <NotBegun />}
    </Stack>
  );
}

/** Nothing is sealed to anybody before there is somebody who can open it. */
const NotBegun = () => (
  <Card withBorder>
    <Empty title="There are no backups">
      <List type="ordered" ta="start" spacing="xs">
        <List.Item>
          Make the offline identity, away from this server: <Code>strongroom backups keys init --out ceremony</Code>
        </List.Item>
        <List.Item>Print its sheets, give each custodian one, destroy the files.</List.Item>
        <List.Item>
          Tell this server the public half: <Code>strongroom backups trust ceremony/recipient.txt</Code>
        </List.Item>
      </List>
      <Text mt="xs">Backups begin by themselves then.</Text>
    </Empty>
  </Card>
);

function Actions() {
  const queries = useQueryClient();
  const who = useWhoAmI();
  const anew = () => queries.invalidateQueries({ queryKey: ['backups'] });
  const run = useMutation({ mutationFn: () => room.backups.run(), onSuccess: anew });
  const verify = useMutation({ mutationFn: () => room.backups.verify(), onSuccess: anew });
  const drill = useMutation({ mutationFn: () => room.backups.drill(), onSuccess: anew });
  const drills = useQuery({
    queryKey: ['backups', 'drills'],
    queryFn: () => room.backups.drillRuns(1),
    refetchInterval: ({ state }) => (state.data?.drills[0]?.state === 'running' ? 1000 : 10_000),
  });
  const under = drills.data?.drills[0];
  return (
    <Group>
      {who.data?.actions.includes('backups.run') === true && (
        <>
          <Button loading={run.isPending} onClick={() => run.mutate()}>
            Back up now
          </Button>
          <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
            Read back
          </Button>
          <Button
            variant="default"
            loading={drill.isPending}
            disabled={under?.state === 'running'}
            onClick={() => drill.mutate()}
          >
            Drill now
          </Button>
        </>
      )}
      <Button component="a" href="/v1/backups/report.pdf?days=90" download variant="default">
        Report (PDF, 90 days)
      </Button>
      <Button component="a" href="/v1/backups/report?days=90" download="backups-report.json" variant="default">
        Report (JSON, signed)
      </Button>
      {[run, verify, drill].map(
        (each, n) => each.isError && <Refused key={n} error={each.error} again={() => each.mutate()} />,
      )}
      {verify.data !== undefined && (
        <Text size="sm" role="status">
          {counted(verify.data.read, 'object was', 'objects were')} read back,{' '}
          {counted(verify.data.faults.length, 'is', 'are')} not as written.
        </Text>
      )}
      {under?.state === 'running' && (
        <Text size="sm" role="status">
          A drill is under way: {under.step}.
        </Text>
      )}
    </Group>
  );
}

function Begun({ found }: { found: BackupStanding }) {
  const [days, setDays] = useState<string>('30');
  const line = useQuery({
    queryKey: ['backups', 'timeline', days],
    queryFn: () => room.backups.timeline(Number(days)),
    refetchInterval: 30_000,
  });
  const points = line.data?.points ?? [];
  // with change segments, what was written since the last backup is in them
  const by = points.some(({ kind }) => kind === 'segment') ? 'segment' : 'data';
  const exposed = points.flatMap(({ kind, at, exposedSeconds }) =>
    kind === by && exposedSeconds !== null ? [{ at, seconds: exposedSeconds }] : [],
  );
  const tried = points.flatMap(({ kind, at, seconds }) =>
    kind === 'drill' && seconds !== null ? [{ at, seconds }] : [],
  );
  return (
    <>
      <Nags nags={found.nags} />
      <Facts found={found} />
      <Card withBorder padding="sm">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h4">
            Time line
          </Title>
          <SegmentedControl
            size="xs"
            aria-label="days that are shown"
            value={days}
            onChange={setDays}
            data={DAYS.map((value) => ({ value, label: `${value} days` }))}
          />
        </Group>
        {line.isError ? <Problem error={line.error} /> : <TimeLine points={points} days={Number(days)} />}
      </Card>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Card withBorder padding="sm">
          <Title order={2} size="h4">
            RPO: lost at worst, {by === 'segment' ? 'by change segments' : 'before each backup'}
          </Title>
          {exposed.length === 0 ? (
            <Empty title="Measured from the second backup on" />
          ) : (
            <Course
              label={by === 'segment' ? 'RPO of each hour' : 'RPO of each backup'}
              points={exposed}
              days={Number(days)}
              ink="blue"
            />
          )}
        </Card>
        <Card withBorder padding="sm">
          <Title order={2} size="h4">
            RTO: how long a restore took
          </Title>
          {tried.length === 0 ? (
            <Empty title="No restore was tried yet">A drill restores a backup beside the system, and proves it.</Empty>
          ) : (
            <Course label="RTO of each drill" points={tried} days={Number(days)} ink="orange" />
          )}
        </Card>
      </SimpleGrid>
      <Runs />
      <Drills drills={found.drills} />
      <Stores stores={found.stores} />
      <Recipients recipients={found.recipients} signer={found.signer} />
    </>
  );
}

function Nags({ nags }: { nags: readonly string[] }) {
  if (nags.length === 0)
    return (
      <Alert color="teal" title="Everything is in order" role="status">
        Nothing is wrong with the backups.
      </Alert>
    );
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title="What is not in order" role="group">
      <List size="sm" className="wrap">
        {nags.map((nag) => (
          <List.Item key={nag}>{nag}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Facts({ found: { rpoSeconds: rpo, ...found } }: { found: BackupStanding }) {
  const ago = (seconds: number | null): string => (seconds === null ? 'never' : `${span(seconds)} ago`);
  // a directory keeps to its locks because this program does; nothing else stops whoever may write there
  const isEnforced = found.stores.every(({ locks }) => locks === 'enforced');
  const facts: readonly (readonly [string, string])[] = [
    ['Data backed up', ago(rpo.data)],
    ['Keys backed up', ago(rpo.key)],
    ['Ledger of erasures sent', ago(rpo.ledger)],
    ['Last restore took', found.rtoSeconds === null ? 'none yet' : span(found.rtoSeconds)],
    ['Locked', `${found.lockedPercent} % of ${found.objects}${isEnforced ? '' : ', not enforced'}`],
    ['Read back in 30 days', `${found.scrubbedPercent} %`],
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm" component="dl" m={0}>
      {facts.map(([name, value]) => (
        <Card key={name} withBorder padding="sm">
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} fw={600}>
            {value}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
