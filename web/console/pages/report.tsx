/** For everybody: report what happened, or a suspicious mail; and what one did with exercises oneself. */
import { Alert, Button, Card, FileInput, Stack, Table, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Empty, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { minuteOf, When } from '../when.tsx';
import { ReportAbout, useReportable, type About } from './report-about.tsx';
import { ReportIncident } from './report-incident.tsx';

const DID = { report: 'reported it', click: 'followed its link', submit: 'filled in its form' } as const;

export function ReportPage() {
  return (
    <Stack maw={720}>
      <Title order={1} size="h2">
        Report something
      </Title>
      <ReportIncident />
      <Report />
      <Nameless />
      <Own />
    </Stack>
  );
}

function Report() {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const [about, setAbout] = useState<About>(undefined);
  const unsaid = useReportable() !== null && about === undefined;
  const report = useMutation({
    mutationFn: async () => {
      const words = text.trim();
      if (about !== undefined && about !== null)
        return room.phishing.report({ text: words === '' ? 'a message' : words, exercise: about });
      return room.phishing.report(file === null ? { text: words } : { mail: await file.text() });
    },
    onSuccess: () => {
      setFile(null);
      setText('');
      return queries.invalidateQueries({ queryKey: ['phishing'] });
    },
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    report.mutate();
  };
  return (
    <Card withBorder component="form" onSubmit={send} aria-label="a suspicious mail">
      <Stack>
        <Title order={2} size="h4">
          A suspicious mail
        </Title>
        <Text>
          Something is odd about a mail? Report it, even if you have already followed its link: the sooner it is known, the
          fewer people it reaches. Nobody is blamed for a report, or for a mistake.
        </Text>
        <ReportAbout about={about} onChange={setAbout} />
        <FileInput label="The mail as a file (.eml)" description="Drag it out of your mail program" accept=".eml,message/rfc822" value={file} onChange={setFile} clearable />
        <Textarea label="Or its link, or what it says" autosize minRows={3} maxLength={20_000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" loading={report.isPending} disabled={(file === null && text.trim() === '') || unsaid}>
          Report the mail
        </Button>
        {report.isSuccess && <Alert color="teal" title={report.data.says} role="status" />}
        {report.isError && <Problem error={report.error} />}
      </Stack>
    </Card>
  );
} // prettier-ignore

/** Here, where somebody hesitates: the way that asks for no name. */
function Nameless() {
  const found = useQuery({ queryKey: ['incidents', 'report-link'], queryFn: () => room.incidents.reportLink() });
  const link = found.data?.link ?? null;
  if (link === null) return null;
  return (
    <Card withBorder component="section" aria-label="without your name">
      <Stack gap="xs">
        <Title order={2} size="h4">
          Rather without your name?
        </Title>
        <Text>
          There is a page that asks for no name and does not know that you are signed in. You get a number, read what is
          asked, and answer with it. On your own phone, off the company’s network, you leave least.
        </Text>
        <Button component="a" href={link.url} target="_blank" rel="noreferrer" variant="default" w="fit-content">
          Report without a name
        </Button>
      </Stack>
    </Card>
  );
}

function Own() {
  const found = useQuery({ queryKey: ['phishing', 'mine'], queryFn: () => room.phishing.mine() });
  return (
    <Card withBorder component="section" aria-label="your practice reports">
      <Title order={2} size="h4">
        Your practice reports
      </Title>
      {found.isError && <Problem error={found.error} />}
      {found.data !== undefined && found.data.tier > 0 && (
        <Alert mt="sm" title="For a time, reading in clear takes your passkey">
          Show it no more than {counted(found.data.maxAgeSeconds / 60, 'minute')} before you read. It ends by itself
          {found.data.until !== null && (
            <>
              {' '}
              on <When at={found.data.until} />
            </>
          )}
          , and sooner when you report what is odd.
          {found.data.tier === 2 && ' Until then half as many customers as usual open to you in an hour.'} Nobody else is
          shown this.
        </Alert>
      )}
      {found.data?.exercises.length === 0 && <Empty title="None yet">Reports that you send as part of an exercise are shown here, to you alone.</Empty>}
      {found.data !== undefined && found.data.exercises.length > 0 && (
        <Wide label="what you did in exercises" minWidth={460} stacks>
        <Table mt="sm">
          <Table.Caption>Times are to the hour. Shown to you alone.</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Mail</Table.Th>
              <Table.Th>You</Table.Th>
              <Table.Th>When</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.exercises.map(({ exercise, kind, title, hour }) => (
              <Table.Tr key={`${exercise} ${kind}`}>
                <Table.Th scope="row" fw={500} className="wrap">
                  {title}
                </Table.Th>
                <Table.Td>{DID[kind]}</Table.Td>
                <Table.Td>
                  <time dateTime={hour}>{minuteOf(hour)}</time>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        </Wide>
      )}
    </Card>
  );
} // prettier-ignore
