import { describeRestored, MESSAGE_FIELDS } from '../lib/results.ts';
import type { Pipeline } from './api.ts';
import { neverCounted } from './backlog.ts';
import { cloudWatchUrl } from './cloudWatch.ts';
import { findText, newElement, setText } from './dom.ts';
import { formatDuration } from './duration.ts';
import { formatCount, formatRate, UNKNOWN } from './format.ts';
import type { PipelineHistory } from './history.ts';
import { drawSparkline } from './sparkline.ts';
import { assess, type Evidence, type Finding, type Level, levelOf, VERDICTS } from './verdict.ts';

/** Shows whether the pipeline is well, and its counters. */
export class PipelineView {
  readonly #card = findText(document, '#pipeline .card');
  readonly #title = findText(document, '#verdict-title');
  readonly #summary = findText(document, '#verdict-summary');
  readonly #findings = findText(document, '#findings');
  readonly #restored = findText(document, '#restored');
  readonly #cloudWatch = findText(document, '#cloudwatch');
  #shownFindings = '';

  show(evidence: Evidence, history: PipelineHistory, now: number): Level {
    const { pipeline } = evidence;
    const findings = assess(evidence, history.seenBefore(now));
    const level = levelOf(findings);
    this.#card.dataset.level = level;
    setText(this.#title, VERDICTS[level]);
    setText(this.#summary, summaryOf(pipeline));
    this.#showFindings(findings);
    this.#linkTo(cloudWatchUrl(location.hostname, evidence.stage));
    this.#showFigures(pipeline, history);
    return level;
  }

  /** To be called if the API does not answer. */
  unknown(): void {
    this.#card.dataset.level = 'unknown';
    setText(this.#title, 'Not known');
    setText(this.#summary, 'The API does not report the state of the pipeline.');
    this.#showFindings([]);
  }

  #linkTo(url: string | undefined): void {
    this.#cloudWatch.hidden = url === undefined;
    if (url === undefined || this.#cloudWatch.firstChild) return;
    const link = newElement('a', ['The dashboard of this stage in CloudWatch']);
    link.href = url;
    this.#cloudWatch.append(link);
  }

  #showFindings(findings: readonly Finding[]): void {
    const content = JSON.stringify(findings);
    // Keeps text selected while somebody copies it.
    if (content === this.#shownFindings) return;
    this.#shownFindings = content;
    this.#findings.replaceChildren(...findings.map(toElement));
  }

  #showFigures({ messages, rate, queue, dead_letters }: Pipeline, history: PipelineHistory): void {
    const show = (name: string, text: string) => setText(findText(this.#card, `[data-show=${name}]`), text);
    const count = (value: number | undefined) => (value === undefined ? UNKNOWN : formatCount(value));
    show('rate', rate === null ? UNKNOWN : formatRate(rate));
    show('waiting', count(queue ? queue.waiting + queue.delayed : undefined));
    show('in-flight', count(queue?.in_flight));
    show('dead-letters', count(dead_letters?.waiting));
    for (const name of MESSAGE_FIELDS) if (name !== 'restored') show(name, count(messages?.[name]));
    const restored = messages?.restored ?? 0;
    this.#restored.hidden = restored === 0;
    setText(this.#restored, describeRestored(restored));
    findText(this.#card, '[data-show=rate-line]').replaceChildren(drawSparkline(history.rates));
  }
}

function toElement({ level, title, meaning, reasons = [], command, section }: Finding): HTMLElement {
  const item = newElement('li', [newElement('h3', [title]), newElement('p', [meaning])]);
  item.dataset.level = level;
  if (reasons.length > 0) {
    item.append(
      newElement(
        'ul',
        reasons.map((reason) => newElement('li', [reason])),
      ),
    );
  }
  if (command) item.append(newElement('p', ['To see more: ', newElement('code', [command])]));
  item.append(newElement('p', [`What to do: see “${section}” in docs/operations.md.`]));
  return item;
}

function summaryOf(pipeline: Pipeline): string {
  const { messages, last_count } = pipeline;
  if (!messages) return '';
  return last_count ? `The last order was counted ${ago(last_count.age_seconds)}.` : neverCounted(pipeline);
}

const ago = (seconds: number): string => (seconds < 10 ? 'just now' : `${formatDuration(seconds)} ago`);
