/**
 * A paragraph's marks: `**strong**`, `*emphasis*`, `` `code` ``, `[text](target)`, backslash before a mark. Read by hand,
 * in one pass for each depth: no regular expression runs over a text of unknown length.
 */
import type { Report } from './fault.ts';
import { readTarget, type LinkRule } from './link-target.ts';
import type { Inline, Parts } from './tree.ts';

const DEEPEST = 3;
const MARKS = new Set([...'\\`*[]<>!#|-:']);

export function readInline(text: string, line: number, links: LinkRule, report: Report, depth = 0): Parts {
  const parts: Inline[] = [];
  let plain = '';
  const put = (part: Inline): void => {
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
    parts.push(part);
  };
  const inside = (inner: string): Parts => readInline(inner, line, links, report, depth + 1);
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    const next = text[at + 1] ?? '';
    if (char === '\\' && MARKS.has(next)) {
      plain += next;
      at += 1;
    } else if (char === '`') {
      const end = text.indexOf('`', at + 1);
      if (end < 0) report(line, 'a ` never closes', 'close it, or write \\`');
      else put({ kind: 'code', text: text.slice(at + 1, end) });
      at = end < 0 ? text.length : end;
    } else if (char === '*') {
      const mark = next === '*' ? '**' : '*';
      // one that stands before a space begins nothing
      if (' '.includes(text[at + mark.length] ?? ' ')) {
        plain += mark;
        at += mark.length - 1;
        continue;
      }
      const end = closeOf(text, mark, at + mark.length);
      if (end < 0 || depth >= DEEPEST) {
        report(
          line,
          end < 0 ? `a ${mark} never closes` : 'marks within marks within marks',
          'write it simpler, or \\*',
        );
        return parts;
      }
      put({ kind: mark === '**' ? 'strong' : 'emphasis', parts: inside(text.slice(at + mark.length, end)) });
      at = end + mark.length - 1;
    } else if (char === '[') {
      const middle = text.indexOf('](', at);
      const end = middle < 0 ? -1 : text.indexOf(')', middle);
      const within = middle < 0 ? '' : text.slice(at + 1, middle);
      if (end < 0 || within.includes('[') || within.includes(']')) plain += char;
      else if (within.trim() === '' || depth >= DEEPEST) {
        report(line, 'a link that says nothing', 'write what is there: [the policy](policy:access)');
        return parts;
      } else {
        const to = readTarget(text.slice(middle + 2, end), links);
        if (typeof to === 'string') report(line, 'this link leads nowhere that is allowed', to);
        else put({ kind: 'link', to, parts: inside(within) });
        at = end;
      }
    } else if (char === '!' && next === '[') {
      report(line, 'an image', 'say it in words: texts hold no images');
      return parts;
    } else if (char === '<' && /[a-z/!?]/i.test(next)) {
      report(line, 'HTML, or an address between < and >', 'write Markdown; write \\< for the sign itself');
      return parts;
    } else plain += char;
  }
  if (plain !== '') parts.push({ kind: 'text', text: plain });
  return parts;
}

/** Where a mark closes: not within code, and for `*` not at a `**`. */
function closeOf(text: string, mark: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '`') {
      const end = text.indexOf('`', at + 1);
      if (end < 0) return -1;
      at = end;
    } else if (text.startsWith('**', at)) {
      if (mark === '**') return at;
      at += 1;
    } else if (text[at] === '*' && mark === '*') return at;
  }
  return -1;
}
