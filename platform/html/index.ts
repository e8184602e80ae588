/** HTML by template: whatever is put in is escaped, but what was made by this same template. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export type Part = Html | string | number | null | false | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const MEANING = /[&<>"']/;
const escaped = (text: string): string =>
  MEANING.test(text) ? text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] as string) : text;

function textOf(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(textOf).join('') : escaped(String(part));
}

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] as string;
  for (let at = 1; at < strings.length; at += 1) text += textOf(parts[at - 1] ?? null) + (strings[at] as string);
  return new Html(text);
}
