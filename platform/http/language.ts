/** Which of the languages that there are somebody reads, as their browser says it. */

/** RFC 9110 §12.5.4, simply: the first by weight that is there. @param header at most 1,000 characters are looked at */
export function readsLanguage<Language extends string>(
  header: string | undefined,
  there: readonly Language[],
): Language | undefined {
  const wanted = (header ?? '').slice(0, 1000).split(',').map((part) => {
    const [tag = '', ...more] = part.trim().toLowerCase().split(';');
    const weight = Number(more.map((each) => each.trim()).find((each) => each.startsWith('q='))?.slice(2) ?? 1);
    return { language: tag.split('-')[0] as string, weight: Number.isFinite(weight) ? weight : 0 };
  }); // prettier-ignore
  const heaviest = wanted.filter(({ weight }) => weight > 0).toSorted((a, b) => b.weight - a.weight);
  for (const { language } of heaviest) {
    const found = there.find((each) => each === language);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `{count?record:records}` is the one or the other by the number. @throws Error for a message with a word that nothing fills: a claim without a binding */
export function fillWords(
  message: string,
  values: Readonly<Record<string, string | number>>,
  { language, key }: Readonly<{ language: string; key: string }>,
): string {
  // most of them have nothing to be filled, and a page has a hundred
  if (!message.includes('{')) return message;
  return message.replaceAll(/\{(\w+)(?:\?([^:{}]+):([^{}]+))?\}/g, (_all, name: string, one?: string, many?: string) => {
    if (!Object.hasOwn(values, name)) throw new Error(`the message ${key} claims ${name}, and nothing says what it is`);
    if (one === undefined || many === undefined) return String(values[name]);
    return new Intl.PluralRules(language).select(Number(values[name])) === 'one' ? one : many;
  }); // prettier-ignore
}
