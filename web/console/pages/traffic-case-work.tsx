/** What somebody does with a case: takes it, notes, acts, closes, wants to hear no more of it for a while. */
import { Alert, Button, Group, NumberInput, Select, Text, Textarea } from '@mantine/core';
import type { WholeCase } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useDoers } from '../names.ts';
import { useSession } from '../session.ts';
import { ForHowLong } from './traffic-parts.tsx';
import { Refused } from './step-up.tsx';

type ActionName = WholeCase['actions'][number];
type Doing = 'note' | 'act' | 'close' | 'suppress' | null;

export function CaseWork({ found, actions }: { found: WholeCase; actions: readonly string[] }) {
  const queries = useQueryClient();
  const me = useSession().data?.person;
  const doer = useDoers();
  const [doing, setDoing] = useState<Doing>(null);
  const anew = () => queries.invalidateQueries({ queryKey: ['traffic'] });
  const take = useMutation({
    mutationFn: (takeOver: boolean) => room.traffic.takeCase(found.id, { takeOver }),
    onSuccess: anew,
  });
  const [works, acts] = [actions.includes('cases.work'), actions.includes('measures.take')];
  if (found.state === 'closed')
    return (
      <Alert color="gray" title="This case is closed">
        It stands as it is. A new alert about the same opens a new case.
      </Alert>
    );
  if (!works && !acts) return <Alert title="You can read along">Your role does not work on cases.</Alert>;
  const done = async () => {
    setDoing(null);
    await anew();
  };
  const form = { found, onClose: () => setDoing(null), onDone: done };
  return (
    <>
      <Group gap="xs">
        {works && found.owner === null && (
          <Button loading={take.isPending} onClick={() => take.mutate(false)}>
            Take it
          </Button>
        )}
        {works && found.owner !== null && found.owner !== me && (
          <Confirm label="Take it over" title="Take this case over?" onYes={() => take.mutate(true)}>
            {doer(found.owner)} works on it now, and sees in the case that you took it over. Say in a note why.
          </Confirm>
        )}
        {works && (
          <Button variant="default" onClick={() => setDoing('note')}>
            Note
          </Button>
        )}
        {acts && found.actions.length > 0 && (
          <Button variant="default" onClick={() => setDoing('act')}>
            Act
          </Button>
        )}
        {works && (
          <>
            <Button variant="default" onClick={() => setDoing('suppress')}>
              Suppress
            </Button>
            <Button variant="default" onClick={() => setDoing('close')}>
              Close
            </Button>
          </>
        )}
      </Group>
      {take.isError && <Refused error={take.error} again={() => take.mutate(take.variables)} />}
      {doing === 'note' && <Note {...form} />}
      {doing === 'act' && <Act {...form} />}
      {doing === 'close' && <Close {...form} />}
      {doing === 'suppress' && <Suppress mayAll={actions.includes('rules.manage')} {...form} />}
    </>
  );
}

type Form = { found: WholeCase; onClose: () => void; onDone: () => Promise<void> };

/** A modal with words why, and a button that says what it does. */
function Asked({ title, label, danger = false, words, send, onClose, onDone, children }: {
  title: string; label: string; danger?: boolean; words: string; send: (reason: string) => Promise<unknown>;
  onClose: () => void; onDone: () => Promise<void>; children?: ReactNode;
}) {
  const [reason, setReason] = useState('');
  const asked = useMutation({ mutationFn: () => send(reason.trim()), onSuccess: onDone });
  return (
    <Dialog title={title} sending={asked} does={label} onSend={() => asked.mutate()} ready={reason.trim() !== ''} danger={danger} onClose={onClose}>
      {children}
      <Textarea
        label={words}
        required
        minRows={2}
        autosize
        maxLength={2000}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
      />
    </Dialog>
  );
} // prettier-ignore

const Note = ({ found, ...form }: Form) => (
  <Asked
    title="Note something"
    label="Note"
    words="What you saw"
    send={(text) => room.traffic.noteCase(found.id, text)}
    {...form}
  />
);

const DOES: Readonly<Record<ActionName, { label: string; says: (who: WholeCase['entity']) => string; ends: boolean }>> = {
  throttle: {
    label: 'Slow down',
    says: ({ key, actor }) => `${key ?? actor} gets a request every two seconds until then, and answers 429 in between. Nothing is lost, and you can let go at any time.`,
    ends: true,
  },
  'block-address': {
    label: 'Block the address',
    says: ({ address }) => `Every request from ${address}${address?.includes(':') === true ? ', with its /64,' : ''} is refused until then, whoever sends it: others may share the address. You can let go at any time.`,
    ends: true,
  },
  'step-up': {
    label: 'Ask for proof again',
    says: ({ actor }) => `${actor} stays signed in, and has to show password and code, or passkey, again before the next sensitive thing. Whoever sits at an open browser, or holds a stolen cookie, cannot.`,
    ends: false,
  },
  'revoke-sessions': {
    label: 'End all sessions',
    says: ({ actor }) => `${actor} is signed out everywhere at once, and can sign in again.`,
    ends: false,
  },
  'revoke-key': {
    label: 'Revoke the key',
    says: ({ key, actor }) => `${key ?? actor} is refused from its very next request on, for good. This cannot be taken back: whoever uses it rightly needs a new key.`,
    ends: false,
  },
}; // prettier-ignore
/** The narrowest that helps stands first. */
const ORDER: readonly ActionName[] = ['step-up', 'throttle', 'revoke-sessions', 'revoke-key', 'block-address'];

function Act({ found, ...form }: Form) {
  const offered = ORDER.filter((each) => found.actions.includes(each));
  const [action, setAction] = useState<ActionName>(offered[0] as ActionName);
  const [seconds, setSeconds] = useState('3600');
  const { label, says, ends } = DOES[action];
  return (
    <Asked
      title="Act on whom the case is about"
      label={label}
      danger
      words="Why"
      send={(reason) => room.traffic.actOnCase(found.id, { action, seconds: Number(seconds), reason })}
      {...form}
    >
      <Select
        label="What"
        description="The narrowest that helps"
        allowDeselect={false}
        openOnFocus={false}
        data={offered.map((value) => ({ value, label: DOES[value].label }))}
        value={action}
        onChange={(next) => setAction(next ?? action)}
      />
      {ends && <ForHowLong seconds={seconds} onChange={setSeconds} />}
      <Alert color="orange" title="What will happen" className="wrap">
        {says(found.entity)}
      </Alert>
    </Asked>
  );
}

const VERDICTS = [
  { value: 'true-positive', label: 'It was so: something bad was seen' },
  { value: 'benign', label: 'Meant so: it happened, and was allowed' },
  { value: 'false-positive', label: 'False alarm: it was not what the rule says' },
] as const;
type Verdict = (typeof VERDICTS)[number]['value'];

function Close({ found, ...form }: Form) {
  const [verdict, setVerdict] = useState<Verdict>('true-positive');
  return (
    <Asked
      title="Close this case"
      label="Close the case"
      words="What was learnt"
      send={(note) => room.traffic.closeCase(found.id, { verdict, note })}
      {...form}
    >
      <Select
        label="Verdict"
        allowDeselect={false}
        openOnFocus={false}
        data={[...VERDICTS]}
        value={verdict}
        onChange={(next) => setVerdict(next ?? verdict)}
      />
      <Text size="sm">Nothing can be added afterwards. Measures that were taken last until their own end.</Text>
    </Asked>
  );
}

const EVERYBODY = 'everybody';

function Suppress({ found, mayAll, ...form }: Form & { mayAll: boolean }) {
  const [rule, setRule] = useState(found.rules[0] ?? '');
  const [about, setAbout] = useState<string>(found.about);
  const [days, setDays] = useState<number | string>(7);
  return (
    <Asked
      title="Do not hear of it for a while"
      label="Suppress"
      words="Why"
      send={(reason) =>
        room.traffic.suppress({
          rule,
          ...(about === EVERYBODY ? {} : { about }),
          days: Number(days),
          reason,
        })
      }
      {...form}
    >
      <Select
        label="Rule"
        allowDeselect={false}
        openOnFocus={false}
        data={[...found.rules]}
        value={rule}
        onChange={(next) => setRule(next ?? rule)}
      />
      <Select
        label="About"
        allowDeselect={false}
        openOnFocus={false}
        data={[
          { value: found.about, label: `only ${found.about}` },
          ...(mayAll ? [{ value: EVERYBODY, label: 'everybody: the rule is silent' }] : []),
        ]}
        value={about}
        onChange={(next) => setAbout(next ?? about)}
      />
      <NumberInput label="Days" description="Then it is heard again" min={1} max={90} value={days} onChange={setDays} />
      <Text size="sm">How often it came all the same is counted, under Rules. This case stays open.</Text>
    </Asked>
  );
}
