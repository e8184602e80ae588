/** Mail of the system: what waits, what left, what failed; and while no mail server is set, what would have left. */
import { Alert, Badge, Button, Card, Code, Group, Modal, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconInbox, IconMailOff } from '@tabler/icons-react';
import type { MailEntry, MailState } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { mailKind } from '../mail-kinds.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';

const STATES = { queued: 'waiting', held: 'held', sent: 'sent', refused: 'refused', 'given-up': 'given up' } as const;
const COLOURS = { queued: 'blue', held: 'orange', sent: 'teal', refused: 'red', 'given-up': 'red' } as const;

export function MailboxPage() {
  const status = useQuery({ queryKey: ['mail', 'status'], queryFn: () => room.mail.status(), refetchInterval: 10_000 });
  const list = useQuery({ queryKey: ['mail', 'list'], queryFn: () => room.mail.list(), refetchInterval: 10_000 });
  const [open, setOpen] = useState<string | null>(null);
  const messages = list.data?.messages ?? [];
  return (
    <Stack>
      <Title order={1} size="h2">
        Mailbox
      </Title>
      {status.isSuccess && <State status={status.data} />}
      {list.isPending && <Fetching what="the mails" />}
      {list.isError && <Problem error={list.error} />}
      {list.isSuccess && messages.length === 0 && (
        <Empty title="No mail yet">
          Notices, reminders and links that the system writes to people are listed here.
        </Empty>
      )}
      {messages.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="mails" minWidth={640} stacks>
            <Table>
              <Table.Caption>
                the newest {messages.length}; what was in a mail is deleted once it left or failed
              </Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>What for</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Written</Table.Th>
                  <Table.Th>Left, or ended</Table.Th>
                  <Table.Th aria-label="to do" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {messages.map((one) => (
                  <Row key={one.id} one={one} open={() => setOpen(one.id)} />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      <Held id={open} close={() => setOpen(null)} />
    </Stack>
  );
}

function Row({ one, open }: { one: MailEntry; open: () => void }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {mailKind(one.kind)}
        {one.urgent && (
          <Badge ml="xs" size="xs" color="red" variant="light">
            urgent
          </Badge>
        )}
      </Table.Th>
      <Table.Td>
        <Badge variant="light" color={COLOURS[one.state]}>
          {STATES[one.state]}
        </Badge>
        {one.problem !== null && <Text size="xs">{one.problem}</Text>}
        {one.nextAt !== null && one.attempts > 0 && (
          <Text size="xs" c="dimmed">
            tried {counted(one.attempts, 'time')}, next <When at={one.nextAt} none="" />
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <When at={one.queuedAt} none="" />
      </Table.Td>
      <Table.Td>
        <When at={one.doneAt} none="not yet" />
      </Table.Td>
      <Table.Td>
        {one.state === 'held' && (
          <Button size="compact-sm" variant="default" onClick={open} aria-label={`read: ${mailKind(one.kind)}`}>
            Read
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function State({ status }: { status: MailState }) {
  return (
    <>
      {status.way === 'held' && (
        <Alert color="orange" icon={<IconInbox aria-hidden />} title="Nothing leaves: no mail server is set">
          Every mail stays here for seven days, readable by administrators, and is never sent later. That is for trying
          things out. To send mail, set <Code>STRONGROOM_SMTP_URL</Code> and <Code>STRONGROOM_MAIL_FROM</Code>, and
          start the server again. Whoever reads one is written into the audit log: its links work for whoever has them.
        </Alert>
      )}
      {status.problem !== null && (
        <Alert color="red" icon={<IconMailOff aria-hidden />} title="Mail cannot be sent now">
          {status.problem}, <When at={status.problemAt} none="" />. Nothing is lost: mails wait for up to four days and
          are tried again and again.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, sm: 5 }}>
        <Count says="waiting" n={status.queued} />
        <Count says="held" n={status.held} />
        <Count says="sent in 7 days" n={status.sent} />
        <Count says="refused" n={status.refused} />
        <Count says="given up" n={status.givenUp} />
      </SimpleGrid>
    </>
  );
}

function Count({ says, n }: { says: string; n: number }) {
  return (
    <Card withBorder padding="sm">
      <Text size="xl" fw={700}>
        {n}
      </Text>
      <Text size="sm" c="dimmed">
        {says}
      </Text>
    </Card>
  );
}

/** As text: what somebody could have written into a mail is not run here. */
function Held({ id, close }: { id: string | null; close: () => void }) {
  const found = useQuery({
    queryKey: ['mail', 'one', id],
    queryFn: () => room.mail.get(id as string),
    enabled: id !== null,
    gcTime: 0,
  });
  const content = found.data?.content ?? null;
  return (
    <Modal opened={id !== null} onClose={close} title={content?.subject ?? 'A mail'} size="lg">
      {found.isError && <Problem error={found.error} />}
      {id !== null && found.isPending && <Fetching what="the mail" />}
      {found.isSuccess && content === null && <Text>What was in it is gone.</Text>}
      {content !== null && (
        <Stack gap="xs">
          <Group gap="xs">
            <Text c="dimmed">To</Text>
            <Text>{content.to}</Text>
          </Group>
          <Code block className="wrap" tabIndex={0}>
            {content.text}
          </Code>
          {content.html !== null && (
            <Text size="sm" c="dimmed">
              It has an HTML part too, with the same in other clothes.
            </Text>
          )}
        </Stack>
      )}
    </Modal>
  );
}
