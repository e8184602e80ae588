/** The privacy notice: what is published, what is enforced, and the one button that makes them agree. */
import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Code,
  Group,
  List,
  MultiSelect,
  Stack,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const LANGUAGE = new Intl.DisplayNames('en', { type: 'language' });
const named = (language: string): string => LANGUAGE.of(language) ?? language;

type Translations = Record<string, Record<string, string>>;

/** By language: each title, as it was translated before, or as it still has to be. */
function asFile(texts: Readonly<Record<string, string>>, before: Translations, languages: readonly string[]): string {
  const wanted = languages.filter((each) => each !== 'en');
  const of = (language: string) => ({ ...texts, ...before[language] });
  const file = Object.fromEntries((wanted.length === 0 ? ['de'] : wanted).map((each) => [each, of(each)]));
  return `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(file, null, 2))}`;
}

/** Null for what is no JSON object. */
function readTranslations(text: string): Translations | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Translations) : null;
  } catch {
    return null;
  }
}

export function PrivacyNoticePage() {
  const who = useWhoAmI();
  const queries = useQueryClient();
  const standing = useQuery({ queryKey: ['privacy-notice'], queryFn: () => room.notice.get() });
  const [languages, setLanguages] = useState<string[]>(['en']);
  const [text, setText] = useState('');
  const translations = readTranslations(text);
  const publish = useMutation({
    mutationFn: () =>
      room.notice.publish({
        factsHash: standing.data?.draft.factsHash as string,
        languages,
        translations: { ...(standing.data?.translations as Translations), ...translations },
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy-notice'] }),
  });
  const found = standing.data;
  return (
    <Stack>
      <Title order={1} size="h2">
        Privacy notice
      </Title>
      <Text size="sm">
        It is generated from the catalogue and the settings that the system works by. Whoever publishes it answers for
        it.
      </Text>
      {standing.isPending && <Fetching what="the notice" />}
      {standing.isError && <Problem error={standing.error} />}
      {found !== undefined && (
        <Card withBorder>
          <Stack>
            <Group>
              {found.published === null ? (
                <Badge variant="light" color="orange">
                  not published
                </Badge>
              ) : (
                <>
                  <Badge variant="light" color={found.drift.length === 0 ? 'blue' : 'red'}>
                    {found.drift.length === 0 ? 'says what is enforced' : 'does not say what is enforced'}
                  </Badge>
                  <Text size="sm">
                    published <When at={found.published.publishedAt} /> in{' '}
                    {found.published.languages.map(named).join(', ')}
                  </Text>
                </>
              )}
            </Group>
            {found.drift.length > 0 && (
              <List aria-label="changes">
                {found.drift.map(({ words }) => (
                  <List.Item key={words}>{words}</List.Item>
                ))}
              </List>
            )}
            {found.missing.length > 0 && (
              <Alert color="orange" title="Settings are missing, without which no notice is honest">
                {found.missing.join(', ')}
              </Alert>
            )}
            <Text size="sm">
              It takes {counted(Object.keys(found.draft.texts).length, 'title')} from the catalogue: of purposes,
              fields, events and whoever gets data. All other sentences are there in each language. Its facts have the
              hash <Code>{found.draft.factsHash.slice(0, 12)}</Code>, by which you publish what you have read here.
            </Text>
            {who.data?.actions.includes('notice.publish') === true && (
              <>
                <MultiSelect
                  label="Languages"
                  data={found.languages.map((value) => ({ value, label: named(value) }))}
                  value={languages}
                  onChange={setLanguages}
                />
                <Textarea
                  label="Translations of the catalogue’s titles"
                  description={
                    <>
                      Only for languages that the catalogue is not written in. Download the titles, have the right-hand
                      side of each line translated, and paste the whole file here. What was published before is kept.{' '}
                      <Anchor
                        inherit
                        underline="always"
                        href={asFile(found.draft.texts, found.translations, languages)}
                        download="notice-texts.json"
                      >
                        Download the titles to translate (JSON)
                      </Anchor>
                    </>
                  }
                  placeholder='{"de": {"purpose.service.support": "Ihre Fragen beantworten"}}'
                  minRows={3}
                  maxRows={8}
                  autosize
                  value={text}
                  error={translations === null ? 'this is no JSON object: it begins with { and ends with }' : null}
                  onChange={(event) => setText(event.currentTarget.value)}
                />
                {publish.isError && <Refused error={publish.error} again={() => publish.mutate()} />}
                <Group justify="flex-end">
                  <Button
                    loading={publish.isPending}
                    disabled={translations === null || found.missing.length > 0 || languages.length === 0}
                    onClick={() => publish.mutate()}
                  >
                    Publish
                  </Button>
                </Group>
              </>
            )}
          </Stack>
        </Card>
      )}
    </Stack>
  );
}
