/** Answering one request: what they wrote, what was said since, and what is decided. */
import { Blockquote, Checkbox, Select, Text, Textarea } from '@mantine/core';
import type { PrivacyDecision, PrivacyQuestion, PrivacyRequest, PrivacySaid } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { CopyCodeShown } from './privacy-copy-code.tsx';
import { ASKS } from './privacy-asks.ts';
import { CorrectionTable, placeOf } from './privacy-correction.tsx';
import { isShown, NotDone, WhoAsks } from './privacy-proof.tsx';
import { NotedBy, TalkItem, WhoSaid, type Said } from './privacy-talk.tsx';
import { RESTRICTION_REASONS } from './privacy-restrictions.tsx';

const DECISIONS = [
  { value: 'fulfil', label: 'Do it' },
  { value: 'partly', label: 'Do it in part' },
  { value: 'refuse', label: 'Decline' },
  { value: 'extend', label: 'It takes longer' },
] as const;
type Turn = 'clarify' | 'reply' | 'withdraw';
const TURNS: Readonly<Record<Turn, string>> = { clarify: 'Ask them something first', reply: 'They have replied another way', withdraw: 'They have taken it back' }; // prettier-ignore
/** What there is in a state, as the server's machine has it. */
const choicesIn = ({ state, kind }: PrivacyRequest) => [
  ...DECISIONS.filter(({ value }) => (value !== 'extend' || state !== 'waiting') && (value !== 'partly' || (kind !== 'restriction' && kind !== 'objection' && kind !== 'erasure'))),
  ...(state === 'waiting' ? (['reply', 'withdraw'] as const) : state === 'appealed' ? (['withdraw'] as const) : (['clarify', 'withdraw'] as const)).map((value) => ({ value, label: TURNS[value] })),
]; // prettier-ignore

export function Answer({ request, onClose }: { request: PrivacyRequest; onClose: () => void }) {
  const queries = useQueryClient();
  const [decision, setDecision] = useState<PrivacyDecision['decision'] | Turn | null>(null);
  const [question, setQuestion] = useState<PrivacyQuestion['question']>('detail');
  const [stop, setStop] = useState(false);
  const [how, setHow] = useState<'mail' | 'otherwise'>('mail');
  const [said, setSaid] = useState<Said>({ how: null, asker: 'subject' });
  const [answer, setAnswer] = useState('');
  const [way, setWay] = useState<NonNullable<PrivacyDecision['send']>>('link');
  const [because, setBecause] = useState<PrivacyDecision['because'] | null>(null);
  const [show, setShow] = useState<'masked' | 'clear'>('masked');
  const [agreed, setAgreed] = useState<readonly string[] | null>(null);
  // what they wrote is read by who answers them, and that is in the log
  const found = useQuery({
    queryKey: ['privacy-request', request.id, show],
    queryFn: () => room.privacyRequests.get(request.id, { show }),
    placeholderData: (before) => before,
    // opened again it is read again: the customer may have said something since
    gcTime: 0,
    staleTime: Infinity,
  });
  const decide = useMutation({
    mutationFn: () => {
      const by = { how: said.how as PrivacySaid['how'], asker: said.asker };
      if (decision === 'withdraw') return room.privacyRequests.withdraw(request.id, { ...by, ...(answer.trim() === '' ? {} : { words: answer }) }); // prettier-ignore
      if (decision === 'reply') return room.privacyRequests.reply(request.id, { words: answer, ...by });
      if (decision === 'clarify') return room.privacyRequests.clarify(request.id, { question, words: answer, stop: stop && mayStop, how }); // prettier-ignore
      return room.privacyRequests.decide(request.id, {
        decision: carried as PrivacyDecision['decision'],
        answer,
        ...(typeof found.data?.seen === 'string' ? { seen: found.data.seen } : {}),
        ...(carried === 'partly' && beside !== null ? { fields: ticked.map(placeOf) } : {}),
        ...(sendsLink ? { send: way } : {}),
        ...(restricts ? { because: because as NonNullable<PrivacyDecision['because']> } : {}),
      });
    },
    // what was decided on is not there any more: it is read again, and decided again
    onError: () => queries.invalidateQueries({ queryKey: ['privacy-request', request.id] }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['privacy-requests'] });
      await queries.invalidateQueries({ queryKey: ['restrictions'] });
      // the code of a copy's link is shown this once
      if (!('link' in made) || made.link === undefined) onClose();
    },
  });
  const beside = found.data?.beside ?? null;
  const picked = agreed ?? (beside ?? []).map(placeOf);
  const ticked = (beside ?? []).filter((each) => picked.includes(placeOf(each)));
  // what is ticked is what is done, whatever was chosen before or after
  const carried =
    beside === null || (decision !== 'fulfil' && decision !== 'partly')
      ? decision
      : ticked.length === beside.length
        ? 'fulfil'
        : ticked.length === 0
          ? 'refuse'
          : 'partly';
  const sendsLink = (request.kind === 'copy' || request.kind === 'access') && decision === 'fulfil';
  const isNoted = decision === 'reply' || decision === 'withdraw';
  const restricts = request.kind === 'restriction' && decision === 'fulfil';
  const clocks = useQuery({ queryKey: ['privacy-clocks'], queryFn: () => room.privacyRequests.clocks() });
  const clock = clocks.data?.clocks.find(({ regime }) => regime === request.regime);
  const law = clock?.pauses[question];
  const isSure = found.data !== undefined && isShown(found.data.proof);
  const mayStop =
    law !== undefined &&
    (question !== 'scope' || request.kind === 'copy' || request.kind === 'access') &&
    (question !== 'identity' || !isSure);
  const erases = request.kind === 'erasure' && decision === 'fulfil';
  const destroys = erases && request.firstEyes !== null;
  if (decide.data !== undefined && 'link' in decide.data && decide.data.link !== undefined)
    return <CopyCodeShown code={decide.data.link.code} onClose={onClose} />;
  return (
    <Dialog
      title={`Answer: ${ASKS[request.kind]}`}
      sending={decide}
      does={destroys ? 'Erase for good' : 'Answer'}
      danger={destroys}
      onSend={() => decide.mutate()}
      ready={decision !== null && (answer.trim() !== '' || decision === 'withdraw') && !(restricts && because === null)}
      refused={(error, again) => <NotDone error={error} again={again} />}
      onClose={onClose}
    >
      {found.isPending && <Fetching what="their words" />}
      {found.isError && <Problem error={found.error} />}
      {found.data !== undefined && <WhoAsks id={request.id} proof={found.data.proof} />}
      {found.data !== undefined && found.data.noted !== null && <NotedBy noted={found.data.noted} />}
      {typeof found.data?.words === 'string' && <Blockquote p="sm">{found.data.words}</Blockquote>}
      {beside !== null && (
        <CorrectionTable
          beside={beside}
          agreed={picked}
          onAgreed={(now) => {
            setAgreed(now);
            setDecision('fulfil');
          }}
          onShow={show === 'clear' ? null : () => setShow('clear')}
          showing={found.isFetching}
        />
      )}
      {(found.data?.talk ?? []).map((each) => (
        <TalkItem key={`${each.at}${each.what}`} said={each} />
      ))}
      <Select
        label="Decision"
        data={choicesIn(request)}
        value={carried}
        onChange={(value) => setDecision(value)}
        required
        allowDeselect={false}
        openOnFocus={false}
        data-autofocus
      />
      {decision === 'clarify' && (
        <>
          <Select
            label="What about"
            data={[
              { value: 'scope', label: 'Which part of much data they mean' },
              { value: 'identity', label: 'Whether it is them' },
              { value: 'detail', label: 'Something else' },
            ]}
            value={question}
            onChange={(value) => setQuestion(value ?? 'detail')}
            allowDeselect={false}
            openOnFocus={false}
          />
          {mayStop ? (
            <Checkbox
              label="The clock stands still until they answer"
              description={`Only where it has to be asked: ${law}`}
              checked={stop}
              onChange={(event) => setStop(event.currentTarget.checked)}
            />
          ) : (
            <Text size="sm">
              {question === 'identity' && isSure
                ? 'The clock goes on: it is sure enough who asks.'
                : 'The clock goes on: no law stops it for this question.'}
            </Text>
          )}
          <Select
            label="How they are told"
            data={[
              { value: 'mail', label: 'By a mail that says where they read it' },
              { value: 'otherwise', label: 'I have told them by letter or telephone' },
            ]}
            value={how}
            onChange={(value) => setHow(value === 'otherwise' ? 'otherwise' : 'mail')}
            allowDeselect={false}
            openOnFocus={false}
          />
        </>
      )}
      {isNoted && <WhoSaid said={said} onSaid={setSaid} />}
      {decision === 'withdraw' && (
        <Text size="sm">
          Nothing more will be done about it, and they are told by mail. What was carried out stays so.
        </Text>
      )}
      <Textarea
        label={isNoted ? 'What they said' : 'What the customer reads'}
        description={isNoted || decision === 'clarify' ? null : 'Reasons too, where it is declined or takes longer'}
        minRows={3}
        autosize
        maxLength={4000}
        required={decision !== 'withdraw'}
        value={answer}
        onChange={(event) => setAnswer(event.currentTarget.value)}
      />
      {sendsLink && (
        <Select
          label="The copy goes"
          data={[
            { value: 'link', label: 'By a link in a mail, which works once' },
            { value: 'nothing', label: 'Another way; it is with them already' },
          ]}
          value={way}
          onChange={(value) => setWay(value === 'nothing' ? 'nothing' : 'link')}
          openOnFocus={false}
          allowDeselect={false}
        />
      )}
      {restricts && (
        <Select
          label="Because"
          description="From now on their data is kept, and read for legal claims only, until it is lifted"
          data={RESTRICTION_REASONS}
          value={because ?? null}
          onChange={(value) => setBecause(value as PrivacyDecision['because'])}
          required
          openOnFocus={false}
        />
      )}
      {erases && (
        <Text size="sm">
          {request.firstEyes === null
            ? 'You are the first of two: nothing is erased until another person agrees.'
            : 'You are the second: the keys of this customer are destroyed at once, and nobody can bring them back.'}
        </Text>
      )}
    </Dialog>
  );
}
