/** What moves now: streams of minutes, who is busiest, newest alerts, how the sensors are. */
import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  List,
  Select,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { IconAlertTriangle, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import type { TrafficLive, TrafficSensor } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { StreamPlot } from '../../ui/stream-plot.tsx';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Severity, Who } from './traffic-parts.tsx';

const MINUTES = 60;
const EVERY_MS = 2000;
const SENSORS_EVERY_MS = 10_000;
const ALERTS = 12;
const ALL = 'all sensors';

export function TrafficPage() {
  const [paused, setPaused] = useState(false);
  const every = (ms: number) => (paused ? false : ms);
  // a page that is not looked at asks for nothing: that is what the query does by itself
  const live = useQuery({
    queryKey: ['traffic', 'live'],
    queryFn: ({ signal }) => room.traffic.live(MINUTES, { signal }),
    refetchInterval: every(EVERY_MS),
  });
  const sensors = useQuery({
    queryKey: ['traffic', 'sensors'],
    queryFn: ({ signal }) => room.traffic.sensors({ signal }),
    refetchInterval: every(SENSORS_EVERY_MS),
  });
  const cases = useQuery({
    queryKey: ['traffic', 'cases', 'live'],
    queryFn: ({ signal }) => room.traffic.cases({ limit: 100 }, { signal }),
    refetchInterval: every(SENSORS_EVERY_MS),
  });
  if (live.isPending) return <Fetching what="traffic" />;
  if (live.isError && live.data === undefined) return <Problem error={live.error} />;
  const open = cases.data?.cases.length ?? 0;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Title order={1} size="h2">
            Live
          </Title>
          <Text size="sm" c="dimmed">
            The last hour, by the minute; figures beside a line are of this minute so far
            {paused ? '. Paused' : '. New every two seconds'}
          </Text>
        </div>
        <Group>
          <Button component={Link} to="/traffic/cases" variant={open === 0 ? 'default' : 'filled'}>
            {open === 0
              ? 'No open cases'
              : `${open}${open === 100 ? ' or more' : ''} open ${open === 1 ? 'case' : 'cases'}`}
          </Button>
          <Button
            variant="default"
            leftSection={paused ? <IconPlayerPlay aria-hidden size={16} /> : <IconPlayerPause aria-hidden size={16} />}
            onClick={() => setPaused(!paused)}
          >
            {paused ? 'Resume' : 'Pause'}
          </Button>
        </Group>
      </Group>
      {live.isError && <Problem error={live.error} />}
      {sensors.isError && <Problem error={sensors.error} />}
      <Troubles sensors={sensors.data?.sensors ?? []} live={live.data} />
      <Plots live={live.data} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Alerts alerts={live.data.alerts} />
        <Busiest busiest={live.data.busiest} />
      </SimpleGrid>
      {sensors.data !== undefined && <Sensors sensors={sensors.data.sensors} />}
      <Inspection {...live.data.inspection} />
    </Stack>
  );
}

const INSPECTS = { off: 'are not inspected for attacks', monitor: 'are inspected for attacks', refuse: 'are inspected for attacks, and refused' } as const; // prettier-ignore

const Inspection = ({ mode, engine, looked, matched, unsure, refused }: TrafficLive['inspection']) => (
  <Text size="sm" c="dimmed" className="wrap">
    Requests {INSPECTS[mode]} (STRONGROOM_INSPECTION={mode})
    {mode === 'off'
      ? '.'
      : ` by ${engine}. Of ${looked} that this server looked at since it began, ${matched} look like an attack, ${unsure} could not be looked at as a whole, ${refused} were refused.`}
  </Text>
);

const secondsOf = (at: string): number => Math.floor(Date.parse(at) / 60_000) * 60;

/** Every minute of the hour, those without anything too. @param sensor null: of all of them */
function streams({ at, minutes }: TrafficLive, sensor: string | null) {
  const end = secondsOf(at);
  const times = Array.from({ length: MINUTES }, (_, n) => end - (MINUTES - 1 - n) * 60);
  const place = new Map(times.map((time, n) => [time, n]));
  const sums = { events: times.map(() => 0), failed: times.map(() => 0), subjects: times.map(() => 0), dropped: times.map(() => 0) }; // prettier-ignore
  for (const row of minutes) {
    const n = place.get(secondsOf(row.minute));
    if (n === undefined || (sensor !== null && row.sensor !== sensor)) continue;
    for (const name of ['events', 'failed', 'subjects', 'dropped'] as const)
      sums[name][n] = (sums[name][n] ?? 0) + row[name];
  }
  return { times, ...sums };
}

function Plots({ live }: { live: TrafficLive }) {
  const [sensor, setSensor] = useState<string>(ALL);
  const sensors = [...new Set(live.minutes.map((minute) => minute.sensor))].toSorted();
  const { times, events, failed, subjects, dropped } = streams(live, sensors.includes(sensor) ? sensor : null);
  const plots = [
    { title: 'Events each minute', lines: [{ name: 'events', ink: 'blue', values: events }, { name: 'failed', ink: 'red', dashed: true, values: failed }] },
    { title: 'Customers touched each minute', lines: [{ name: 'customers', ink: 'teal', values: subjects }] },
    { title: 'Dropped each minute', lines: [{ name: 'dropped', ink: 'orange', values: dropped }] },
  ] as const; // prettier-ignore
  return (
    <>
      {sensors.length > 1 && (
        <Select
          label="Seen by"
          w={240}
          allowDeselect={false}
          openOnFocus={false}
          data={[ALL, ...sensors]}
          value={sensors.includes(sensor) ? sensor : ALL}
          onChange={(next) => setSensor(next ?? ALL)}
        />
      )}
      <SimpleGrid cols={{ base: 1, lg: 3 }}>
        {plots.map(({ title, lines }) => (
          <Card key={title} withBorder padding="sm">
            {/* a title of two lines moves no plot off the line of the others */}
            <Stack h="100%" gap={4} justify="space-between">
              <Title order={2} size="h4">
                {title}
              </Title>
              <div>
                <StreamPlot label={title} times={times} lines={lines} />
              </div>
            </Stack>
          </Card>
        ))}
      </SimpleGrid>
    </>
  );
}

/** What makes the picture above untrue: said plainly, and before it. */
function Troubles({ sensors, live }: { sensors: readonly TrafficSensor[]; live: TrafficLive }) {
  const dropped = live.minutes.reduce((sum, minute) => sum + minute.dropped, 0);
  const troubles = [
    ...(dropped === 0 ? [] : [`${dropped.toLocaleString()} events were dropped in this hour: more came than could be written.`]),
    ...sensors.flatMap(({ name, node, running, problem }) =>
      problem !== null ? [`${name} on ${node}: ${problem}`] : running ? [] : [`${name} on ${node} does not run.`],
    ),
  ]; // prettier-ignore
  if (troubles.length === 0) return null;
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title="Not everything is seen" role="group">
      <List size="sm" className="wrap">
        {troubles.map((trouble) => (
          <List.Item key={trouble}>{trouble}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Alerts({ alerts }: Pick<TrafficLive, 'alerts'>) {
  if (alerts.length === 0)
    return (
      <Card withBorder>
        <Empty title="No alert in the last day">
          To see that one would come, plant a honey customer under <Anchor component={Link} to="/traffic/firewall">Firewall</Anchor> and
          read it.
        </Empty>
      </Card>
    ); // prettier-ignore
  return (
    <Listed title="Newest alerts" stacks head={['What', 'How grave', 'When']} minWidth={420}>
      {alerts.slice(0, ALERTS).map((alert) => (
        <Table.Tr key={alert.uid}>
          <Table.Th scope="row" fw={500}>
            <Anchor component={Link} to={`/traffic/cases/${alert.case}`} size="sm">
              {alert.title}
            </Anchor>
          </Table.Th>
          <Table.Td>
            <Severity of={alert.severity} />
          </Table.Td>
          <Table.Td>
            <When at={alert.foundAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

function Busiest({ busiest }: Pick<TrafficLive, 'busiest'>) {
  const purposeOf = usePurposes();
  if (busiest.length === 0)
    return (
      <Card withBorder>
        <Empty title="Nobody touched a customer today">Who reads or changes one stands here within seconds.</Empty>
      </Card>
    );
  return (
    <Listed title="Most customers today" stacks head={['Who', 'Purpose', 'Customers']} minWidth={420}>
      {busiest.map(({ actor, purpose, customers }) => (
        <Table.Tr key={`${actor} ${purpose}`}>
          <Table.Th scope="row" fw={500}>
            <Who id={actor} />
          </Table.Th>
          <Table.Td>{purpose === '' ? '–' : purposeOf(purpose)}</Table.Td>
          <Table.Td>{customers.toLocaleString()}</Table.Td>
        </Table.Tr>
      ))}
    </Listed>
  );
}

const Sensors = ({ sensors }: { sensors: readonly TrafficSensor[] }) => (
  <Listed
    stacks
    title="Sensors"
    head={['Sensor', 'State', 'Events', 'Dropped', 'Not readable', 'Gaps', 'Last heard']}
    minWidth={700}
  >
    {sensors.map((sensor) => (
      <Table.Tr key={`${sensor.name} ${sensor.node}`}>
        <Table.Th scope="row" fw={500} className="wrap">
          {sensor.name}
          <Text size="xs" c="dimmed">
            {sensor.node}
          </Text>
        </Table.Th>
        <Table.Td>
          <Badge variant="light" color={sensor.running ? 'teal' : 'orange'}>
            {sensor.running ? 'runs' : 'stopped'}
          </Badge>
        </Table.Td>
        <Table.Td>{sensor.events.toLocaleString()}</Table.Td>
        <Table.Td>{sensor.dropped.toLocaleString()}</Table.Td>
        <Table.Td>{sensor.malformed.toLocaleString()}</Table.Td>
        <Table.Td>{sensor.gaps.toLocaleString()}</Table.Td>
        <Table.Td>
          <When at={sensor.seenAt} />
        </Table.Td>
      </Table.Tr>
    ))}
  </Listed>
);
