/**
 * What the page does: one part after the other, the questions, their grade. It knows nothing of SCORM or cmi5: report.js
 * says what came of it, to whoever there is. Texts go into the page as texts, never as HTML.
 */
export const COURSE_SCRIPT = String.raw`'use strict';
(() => {
  const { words, quiz, needed } = globalThis.strongroomCourse;
  const { draw, isRight, optionsOf, whyOf } = globalThis.strongroomGrade;
  const report = globalThis.strongroomReport;
  const byId = (id) => document.getElementById(id);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const made = (name, about = {}, within = []) => {
    const element = Object.assign(document.createElement(name), about);
    element.append(...within);
    return element;
  };
  // what stands between backticks is code: an address, a word that is typed
  const said = (text) => {
    const split = text.split('\x60');
    return split.length % 2 === 0 ? [text] : split.map((each, index) => (index % 2 === 1 ? made('code', { textContent: each }) : each));
  };
  const told = (place, kind, title, lines, more = []) =>
    place.replaceChildren(made('div', { className: 'said ' + kind }, [made('strong', { textContent: title }), ...lines.map((each) => made('p', { textContent: each })), ...more]));

  const parts = [...document.querySelectorAll('.part')];
  let at = 0;
  let sheet = null;
  const show = (wanted, moved) => {
    at = Math.max(0, Math.min(parts.length - 1, wanted));
    parts.forEach((part, index) => { part.hidden = index !== at; });
    byId('back').hidden = at === 0;
    byId('next').hidden = at === parts.length - 1;
    byId('where').textContent = fill(words.where, { at: at + 1, of: parts.length });
    if (at === parts.length - 1 && sheet === null) ask();
    if (!moved) return;
    parts[at].querySelector('h2').focus();
    scrollTo(0, 0);
    report.at(at);
  };

  const boxes = (type, { question, order }, index) =>
    order.map((own) => made('label', { className: 'option' }, [
      made('input', { type, name: 'q' + index, value: String(own) }),
      made('span', {}, said(optionsOf(question)[own])),
    ]));
  const places = ({ question, order }, index) => {
    const labels = question.kind === 'match' ? question.pairs.map(([left]) => left) : order.map((_, place) => place + 1 + '.');
    return labels.map((label, place) => made('label', { className: 'placed' }, [
      made('span', { textContent: label }),
      made('select', { name: 'q' + index + '-' + place }, [
        made('option', { value: '', textContent: words.choose }),
        ...order.map((own) => made('option', { value: String(own), textContent: optionsOf(question)[own] })),
      ]),
    ]));
  };
  const ask = () => {
    sheet = draw(quiz).map((drawn, index) => {
      const { kind, asks } = drawn.question;
      const inner = kind === 'order' || kind === 'match' ? places(drawn, index) : boxes(kind === 'single' ? 'radio' : 'checkbox', drawn, index);
      const field = made('fieldset', {}, [made('legend', {}, said(index + 1 + '. ' + asks)), ...(kind === 'cues' ? [made('p', { textContent: words.cues })] : []), ...inner]);
      const given = () => kind === 'order' || kind === 'match'
        ? [...field.querySelectorAll('select')].map(({ value }) => (value === '' ? -1 : Number(value)))
        : [...field.querySelectorAll('input:checked')].map(({ value }) => Number(value));
      return { question: drawn.question, field, given };
    });
    byId('quiz').replaceChildren(...sheet.map(({ field }) => field), made('button', { type: 'submit', className: 'main', id: 'hand-in', textContent: words.handIn }));
  };
  const handIn = () => {
    const open = sheet.find(({ given }) => given().length === 0 || given().includes(-1));
    if (open !== undefined) {
      told(byId('outcome'), 'bad', words.unanswered, []);
      open.field.querySelector('input,select').focus();
      return;
    }
    let right = 0;
    for (const { question, field, given } of sheet) {
      const good = isRight(question, given());
      if (good) right += 1;
      for (const each of field.querySelectorAll('input,select')) each.disabled = true;
      field.append(made('div', { className: 'said ' + (good ? 'good' : 'bad') }, [
        made('strong', { textContent: good ? words.right : words.notRight }),
        made('ul', {}, whyOf(question).map((each) => made('li', {}, said(each)))),
      ]));
    }
    byId('hand-in').remove();
    const say = (passed) => {
      const count = fill(words.count, { right, of: sheet.length });
      told(byId('outcome'), passed ? 'good' : 'bad', passed ? words.passed : words.notYet, passed ? [count] : [count, words.another]);
      byId('outcome').scrollIntoView({ block: 'nearest' });
    };
    const tell = (passed) => report.result({ right, of: sheet.length, passed }).catch(() => {
      const again = made('button', { type: 'button', textContent: words.again });
      again.addEventListener('click', () => { byId('notice').replaceChildren(); tell(passed); });
      told(byId('notice'), 'bad', words.untold, [], [again]);
    });
    // what is asked for to pass, and who is told, is known once it has begun
    begun.then(() => {
      const passed = report.passes({ right, of: sheet.length, needed });
      say(passed);
      tell(passed);
    });
  };

  // nothing can be answered any more that nobody would be told
  const leave = (asked) => {
    for (const each of [byId('content'), byId('where').parentElement, byId('leave')]) each.hidden = true;
    report.leave(asked);
  };
  byId('quiz').addEventListener('submit', (event) => { event.preventDefault(); handIn(); });
  byId('back').addEventListener('click', () => show(at - 1, true));
  byId('next').addEventListener('click', () => show(at + 1, true));
  byId('leave').addEventListener('click', () => {
    told(byId('notice'), '', words.left, []);
    leave(true);
  });
  addEventListener('pagehide', () => leave(false));
  // out of the browser's memory it would be a page whose session has ended: it begins as any other
  addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload(); });
  show(0, false);
  const begun = report.begin();
  begun.then(({ place, who }) => {
    if (who === 'nobody') told(byId('notice'), '', words.alone, []);
    if (who === 'looking') told(byId('notice'), '', words.looking, []);
    byId('leave').hidden = who === 'nobody';
    if (at === 0 && Number.isInteger(place) && place > 0) show(place, false);
    document.documentElement.dataset.begun = who;
  });
})();
`;
