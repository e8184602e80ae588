/** What staff notes for who wrote or called: a request that came in, and an appeal against an answer. */
import { Blockquote, Select, Text, Textarea, TextInput } from '@mantine/core';
import { isProblem, type NewPrivacyRequest, type PrivacyRequest, type PrivacySaid } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { dayOf } from '../when.tsx';
import { ASKS, LAWS, OUTCOMES } from './privacy-asks.ts';
import { Refused } from './step-up.tsx';
import { NotedBy, TalkItem, WhoSaid, type Said } from './privacy-talk.tsx';

const NOBODY_YET: Said = { how: null, asker: 'subject' };
const KINDS = Object.entries(ASKS).filter(([kind]) => kind !== 'doubt').map(([value, label]) => ({ value, label })); // prettier-ignore

const isNobody = (error: unknown): boolean => isProblem(error) && error.code === 'PRIVACY_SUBJECT_NOT_FOUND';

/** Asking twice is asking once: one that is open already is that one. */
export function TakeIn({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [subject, setSubject] = useState('');
  const [kind, setKind] = useState<NewPrivacyRequest['kind'] | null>(null);
  const [regime, setRegime] = useState('eu-gdpr');
  const [said, setSaid] = useState(NOBODY_YET);
  const [words, setWords] = useState('');
  const clocks = useQuery({ queryKey: ['privacy-clocks'], queryFn: () => room.privacyRequests.clocks() });
  const take = useMutation({
    mutationFn: () =>
      room.privacyRequests.take({
        subject: subject.trim(),
        kind: kind as NewPrivacyRequest['kind'],
        regime,
        how: said.how as PrivacySaid['how'],
        asker: said.asker,
        ...(words.trim() === '' ? {} : { words }),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['privacy-requests'] });
      onClose();
    },
  });
  return (
    <Dialog
      title="Note a request"
      sending={take}
      does="Note it"
      onSend={() => take.mutate()}
      ready={subject.trim() !== '' && kind !== null && said.how !== null}
      refused={(error, again) => (isNobody(error) ? null : <Refused error={error} again={again} />)}
      onClose={onClose}
    >
      <TextInput
        label="Customer"
        description="Their id: the page Customers finds it"
        placeholder="sub_…"
        value={subject}
        error={isNobody(take.error) ? 'No customer has this id: it was never here, or was erased.' : null}
        onChange={(event) => {
          setSubject(event.currentTarget.value);
          if (take.isError) take.reset();
        }}
        required
      />
      <Select
        label="Asks for"
        data={KINDS}
        value={kind}
        onChange={(value) => setKind(value as NewPrivacyRequest['kind'])}
        required
        allowDeselect={false}
        openOnFocus={false}
      />
      <WhoSaid said={said} onSaid={setSaid} />
      <Select
        label="Whose law"
        description="It says how long there is for the answer, counted from now"
        data={(clocks.data?.clocks ?? []).map(({ regime: value }) => ({ value, label: LAWS[value] ?? value }))}
        value={regime}
        onChange={(value) => setRegime(value ?? 'eu-gdpr')}
        allowDeselect={false}
        openOnFocus={false}
      />
      <Textarea
        label="What they wrote or said"
        description="They read it in the privacy center"
        minRows={3}
        autosize
        maxLength={4000}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
    </Dialog>
  );
}

/** One that was answered, in its words; where it can be appealed, with what they say to that. */
export function Answered({ request, onClose }: { request: PrivacyRequest; onClose: () => void }) {
  const queries = useQueryClient();
  const [said, setSaid] = useState(NOBODY_YET);
  const [words, setWords] = useState('');
  const found = useQuery({
    queryKey: ['privacy-request', request.id, 'answered'],
    queryFn: () => room.privacyRequests.get(request.id),
    gcTime: 0,
    staleTime: Infinity,
  });
  const appeal = useMutation({
    mutationFn: () => room.privacyRequests.appeal(request.id, { words, how: said.how as PrivacySaid['how'], asker: said.asker }), // prettier-ignore
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['privacy-requests'] });
      onClose();
    },
  });
  const until = found.data?.appealBy ?? null;
  const ends =
    until === null
      ? {}
      : { does: 'They appeal', onSend: () => appeal.mutate(), ready: words.trim() !== '' && said.how !== null };
  return (
    <Dialog title={`Answered: ${ASKS[request.kind]}`} sending={appeal} onClose={onClose} {...ends}>
      {found.isPending && <Fetching what="their words" />}
      {found.isError && <Problem error={found.error} />}
      {found.data !== undefined && found.data.noted !== null && <NotedBy noted={found.data.noted} />}
      {typeof found.data?.words === 'string' && <Blockquote p="sm">{found.data.words}</Blockquote>}
      {(found.data?.talk ?? []).map((each) => (
        <TalkItem key={`${each.at}${each.what}`} said={each} />
      ))}
      {typeof found.data?.answer === 'string' && (
        <div>
          <Text
            size="sm"
            fw={600}
          >{`Answered, ${request.closedAt === null ? '' : dayOf(request.closedAt)}: ${OUTCOMES[request.state]?.[0] ?? request.state}`}</Text>
          <Blockquote p="sm">{found.data.answer}</Blockquote>
        </div>
      )}
      {found.data !== undefined && until === null && (
        <Text size="sm">It cannot be appealed: its law has no appeal, it was used, or the time for it is over.</Text>
      )}
      {until !== null && (
        <>
          <Text size="sm">
            {`They can appeal until ${dayOf(until)}. Somebody other than whoever declined decides, within the time that there is for appeals.`}
          </Text>
          <WhoSaid said={said} onSaid={setSaid} />
          <Textarea
            label="Why they do not agree"
            minRows={3}
            autosize
            maxLength={4000}
            required
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
        </>
      )}
    </Dialog>
  );
}
